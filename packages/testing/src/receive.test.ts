import {
  coachNudge,
  contextUpdate,
  createEvent,
  encodeEnvelope,
  type DraftOptions,
  type Envelope,
} from "@contextpilot/events";
import {
  MemoryStore,
  MessageError,
  collection,
  createReceiver,
  glanceAt,
  handler,
  handlersOf,
  type Decision,
  type Handler,
  type ReceiverOptions,
  type StateRefs,
} from "@contextpilot/messaging";
import * as z from "zod";
import { quietCoach } from "./quiet-coach.ts";
import { RecordingPublisher } from "./recording-publisher.ts";
import { deliveryOf } from "./stage.ts";

// receive() is tested here and not beside itself, because packages/messaging may not know of packages/testing.

const counters = collection("counters", z.object({ count: z.number().default(0) }));
const NOW = new Date("2026-03-02T10:00:00Z");

const nudge = (id: string) =>
  coachNudge({
    nudge_id: id,
    rule: "high-impact",
    repository: "shop",
    title: "Look at it again",
    why_now: "It is large",
    next_actions: ["git show", "npm test"],
    eta_minutes: 5,
    priority: "normal",
    links: [],
    related_events: [],
  });

function update(options: DraftOptions & { id?: string; hash?: string } = {}, chain: Partial<Envelope> = {}): Envelope {
  const { id = "e1", hash = "abc", ...draft } = options;
  const data = contextUpdate.read({
    files_changed: ["src/auth.py"],
    lines_added: 150,
    lines_removed: 30,
    commit_hash: hash,
    impact_score: 7.5,
    change_type: "refactor",
  });
  if (!data.ok) throw new TypeError(data.problem);
  return {
    ...createEvent(contextUpdate(data.value, draft), { source: "test", timestamp: NOW.toISOString(), event_id: id }),
    ...chain,
  };
}

/** Counts the updates of a commit and says one nudge for each. */
const counting = handler("context.update.v1", {
  state: ({ data }) => ({ counter: counters.of(data.commit_hash) }),
  decide: (_event, { counter }) => ({
    events: [nudge(`n${counter.count + 1}`)],
    state: { counter: { count: counter.count + 1 } },
  }),
});

/** Runs what it is given, with no state. */
const doing = (
  decide: (retryCount: number) => Decision<"context.update.v1", StateRefs, "coach.nudge.v1">,
): Handler<"context.update.v1", "coach.nudge.v1"> =>
  handler("context.update.v1", { decide: (_event, _state, { retryCount }) => decide(retryCount) });

const coach = (used: Handler<"context.update.v1", "coach.nudge.v1">) =>
  handlersOf("coach-agent", { ...quietCoach, "context.update.v1": used });

function house(
  used: Handler<"context.update.v1", "coach.nudge.v1">,
  over: Partial<ReceiverOptions<"coach-agent">> = {},
) {
  const store = new MemoryStore();
  const publisher = new RecordingPublisher();
  const options = {
    service: "coach-agent",
    handlers: coach(used),
    store,
    publisher,
    clock: { now: () => NOW },
    ...over,
  } as const;
  return { store, publisher, ...createReceiver(options), anotherProcess: () => createReceiver(options) };
}

const countOf = async (store: MemoryStore, hash = "abc"): Promise<unknown> =>
  (await store.read([`default/coach-agent/counters/${hash}`]))[0]?.value;

describe("one effect", () => {
  test("an event is handled, and what it causes stands in its chain", async () => {
    const { receive, publisher, store } = house(counting);
    const outcome = await receive(deliveryOf(update({}, { correlation_id: "chain", hops: 3, trace_id: "t" })));
    expect(outcome).toMatchObject({ kind: "handled", duplicate: false });
    expect(publisher.events).toEqual([
      expect.objectContaining({
        event_type: "coach.nudge.v1",
        source: "coach-agent",
        parent_event_id: "e1",
        correlation_id: "chain",
        hops: 4,
        trace_id: "t",
        timestamp: NOW.toISOString(),
      }),
    ]);
    expect(await countOf(store)).toEqual({ count: 1 });
  });

  test("the record that keeps an event from a second effect is kept for 70 days, longer than any bus keeps the event", async () => {
    const { receive, store } = house(counting);
    const expiries: (string | undefined)[] = [];
    const commit = store.commit.bind(store);
    store.commit = (unit) => {
      expiries.push(unit.create?.expiresAt);
      return commit(unit);
    };
    await receive(deliveryOf(update()));
    expect(expiries).toEqual(["2026-05-11T10:00:00.000Z"]);
  });

  test("a second delivery has no second effect; this process knows that it has published, another publishes the same again", async () => {
    const { receive, anotherProcess, publisher, store } = house(counting);
    await receive(deliveryOf(update()));
    expect(await receive(deliveryOf(update()))).toMatchObject({ kind: "handled", duplicate: true });
    expect(publisher.events).toHaveLength(1);
    expect(await anotherProcess().receive(deliveryOf(update()))).toMatchObject({ kind: "handled", duplicate: true });
    expect(publisher.events).toHaveLength(2);
    expect(publisher.events[1]).toEqual(publisher.events[0]);
    expect(await countOf(store)).toEqual({ count: 1 });
  });

  test("what was committed and not published is published by the redelivery, once decided", async () => {
    const { receive, publisher, store } = house(counting);
    publisher.refuse();
    expect(await receive(deliveryOf(update()))).toMatchObject({ kind: "retry", error: { code: "publish-failed" } });
    publisher.refuse(false);
    expect(await receive(deliveryOf(update(), { deliveryAttempt: 2 }))).toMatchObject({
      kind: "handled",
      duplicate: true,
    });
    expect(publisher.events).toHaveLength(1);
    expect(await countOf(store)).toEqual({ count: 1 });
  });

  test("of twenty copies at once one takes effect", async () => {
    const { receive, anotherProcess, store } = house(counting);
    const receivers = [receive, anotherProcess().receive];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => receivers[index % 2]!(deliveryOf(update(), { messageId: `m${index}` }))),
    );
    expect(outcomes.filter((outcome) => outcome?.kind === "handled" && !outcome.duplicate)).toHaveLength(1);
    expect(outcomes.every((outcome) => outcome?.kind === "handled")).toBe(true);
    expect(await countOf(store)).toEqual({ count: 1 });
  });

  test("two processes that change the same document lose nothing: a conflict is decided again", async () => {
    const { receive, anotherProcess, store } = house(counting);
    const receivers = [receive, anotherProcess().receive, anotherProcess().receive];
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => receivers[index % 3]!(deliveryOf(update({ id: `e${index}` })))),
    );
    expect(await countOf(store)).toEqual({ count: 60 });
  });

  test("a document that was only read must be as it was read", async () => {
    let meddle: (() => Promise<unknown>) | undefined;
    const seen: number[] = [];
    const reading = handler("context.update.v1", {
      state: () => ({ counter: counters.of("abc") }),
      read: async () => meddle?.(),
      decide: (_event, { counter }) => {
        seen.push(counter.count);
        return { events: [] };
      },
    });
    const { receive, store } = house(reading);
    const other = createReceiver({
      service: "coach-agent",
      handlers: coach(counting),
      store,
      publisher: new RecordingPublisher(),
    });
    meddle = () => {
      meddle = undefined;
      return other.receive(deliveryOf(update({ id: "e2" })));
    };
    expect(await receive(deliveryOf(update()))).toMatchObject({ kind: "handled" });
    expect(seen).toEqual([0, 1]);
  });

  test("a document that was glanced at may be another by then, and cannot be written", async () => {
    let meddle: (() => Promise<unknown>) | undefined;
    const seen: number[] = [];
    const written = { count: 0 };
    const glancing = (state: { counter?: typeof written }) =>
      handler("context.update.v1", {
        state: () => ({ counter: glanceAt(counters.of("abc")) }),
        read: async () => meddle?.(),
        decide: (_event, { counter }) => {
          seen.push(counter.count);
          return { events: [], state };
        },
      });
    const { receive, store } = house(glancing({}));
    const other = createReceiver({
      service: "coach-agent",
      handlers: coach(counting),
      store,
      publisher: new RecordingPublisher(),
    });
    meddle = () => other.receive(deliveryOf(update({ id: "e2" })));
    expect(await receive(deliveryOf(update()))).toMatchObject({ kind: "handled" });
    expect(seen).toEqual([0]);
    expect(await countOf(store)).toEqual({ count: 1 });

    meddle = undefined;
    expect(await house(glancing({ counter: written })).receive(deliveryOf(update()))).toMatchObject({
      kind: "retry",
      error: { message: expect.stringContaining("counter was only glanced at") },
    });
  });

  test("other data under the same id is a duplicate all the same, and said to differ", async () => {
    const { receive } = house(counting);
    await receive(deliveryOf(update()));
    expect(await receive(deliveryOf(update({ hash: "other" })))).toMatchObject({ duplicate: true, dataDiffers: true });
  });

  test("a short message that comes again says nothing else, though its handler saw defaults beside it", async () => {
    const { data: _, ...event } = update();
    const data = {
      files_changed: [],
      lines_added: 1,
      lines_removed: 0,
      commit_hash: "abc",
      impact_score: 1,
      change_type: "feat",
    };
    const short = { ...deliveryOf(update()), data: Buffer.from(JSON.stringify({ ...event, ttl_seconds: 60, data })) };
    let now = NOW;
    const { receive } = house(counting, { clock: { now: () => now } });
    await receive(short);
    expect(await receive(short)).not.toHaveProperty("dataDiffers");
    now = new Date(NOW.getTime() + 120_000);
    expect(await receive(short)).toMatchObject({ kind: "handled", duplicate: true });
    expect(await receive(short)).not.toHaveProperty("dataDiffers");
  });

  test("the same parent causes the same ids, another event others", async () => {
    const ids = [];
    for (const id of ["e1", "e1", "e2"]) {
      const { receive, publisher } = house(doing(() => ({ events: [nudge("a"), nudge("b")] })));
      await receive(deliveryOf(update({ id })));
      ids.push(publisher.events.map(({ event_id }) => event_id));
    }
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids.flat()).size).toBe(4);
  });

  test("a continuation keeps the hops and has the id of its key", async () => {
    const continuing = handler("context.update.v1", {
      decide: (event) => ({ events: [], continuation: contextUpdate(event.data, { key: ["rest"] }) }),
    });
    const { receive, publisher } = house(continuing);
    await receive(deliveryOf(update({}, { hops: 2 })));
    await receive(deliveryOf(update({ id: "e2" }, { hops: 2 })));
    expect(publisher.events).toMatchObject([{ event_type: "context.update.v1", hops: 2 }, { hops: 2 }]);
    expect(publisher.events[0]?.event_id).toBe(publisher.events[1]?.event_id);
  });
});

describe("set aside", () => {
  const cases: readonly [string, Envelope, Record<string, string>, string][] = [
    ["another family", { ...update(), event_type: "git.commit.v1" }, {}, "another-family"],
    ["another tenant's event", update({}, { tenant_id: "other" }), {}, "another-tenant"],
    ["a redrive to another service", update(), { redrive_to: "spec-agent" }, "addressed-to-another"],
    ["an expired event", { ...update({ ttl_seconds: 60 }), timestamp: "2026-03-02T09:58:00Z" }, {}, "expired"],
    ["a replay that its state does not want", update({}, { replay_generation: "g1" }), {}, "replay-not-wanted"],
  ];
  test.each(cases)("%s", async (_name, event, attributes, reason) => {
    const { receive, publisher } = house(counting, { tenant: "default" });
    const delivery = { ...deliveryOf(update()), data: encodeEnvelope(event), attributes };
    expect(await receive(delivery)).toMatchObject({ kind: "skipped", reason });
    expect(publisher.messages).toEqual([]);
  });

  test("an event that expired while somebody is at it is handled by nobody: what he commits would never be published", async () => {
    const goOn = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let now = new Date("2026-03-02T10:00:10Z");
    const slow = handler("context.update.v1", {
      state: () => ({ counter: counters.of("abc") }),
      read: () => (begun.resolve(), goOn.promise),
      decide: (_event, { counter }) => ({ events: [], state: { counter: { count: counter.count + 1 } } }),
    });
    const store = new MemoryStore({ clock: { now: () => now } });
    const publisher = new RecordingPublisher();
    const parts = {
      service: "coach-agent",
      handlers: coach(slow),
      store,
      publisher,
      clock: { now: () => now },
    } as const;
    const event = { ...update({ ttl_seconds: 30 }), timestamp: "2026-03-02T10:00:00Z" };
    const frozen = createReceiver(parts).receive(deliveryOf(event));
    await begun.promise;
    now = new Date("2026-03-02T10:01:10Z");
    const skipped = { kind: "skipped", reason: "expired" };
    expect(await createReceiver(parts).receive(deliveryOf(event, { deliveryAttempt: 2 }))).toMatchObject(skipped);
    goOn.resolve();
    expect(await frozen).toMatchObject(skipped);
    expect(await countOf(store)).toBeUndefined();
    expect(await createReceiver(parts).receive(deliveryOf(event, { deliveryAttempt: 3 }))).toMatchObject(skipped);
  });

  test("an event that was handled before it expired has its events published all the same", async () => {
    let now = NOW;
    const { receive, anotherProcess, publisher } = house(counting, { clock: { now: () => now } });
    publisher.refuse();
    await receive(deliveryOf(update({ ttl_seconds: 60 })));
    publisher.refuse(false);
    now = new Date(NOW.getTime() + 120_000);
    expect(await anotherProcess().receive(deliveryOf(update({ ttl_seconds: 60 })))).toMatchObject({ kind: "handled" });
    expect(publisher.events).toHaveLength(1);
  });
});

const text = (value: string): Uint8Array => Buffer.from(value);

describe("dead letters", () => {
  const event = update();
  const cases: readonly [string, Uint8Array, Record<string, string>, string][] = [
    ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d), {}, "invalid-json"],
    ["bytes that are not JSON", text("{'a':1}"), {}, "invalid-json"],
    ["a key that stands twice", text('{"event_id":"a","event_id":"b"}'), {}, "invalid-json"],
    ["a list nested 100,000 deep", text(`${"[".repeat(100_000)}${"]".repeat(100_000)}`), {}, "invalid-json"],
    ["no event at all", text("[]"), {}, "invalid-envelope"],
    ["an event without a type", text(JSON.stringify({ ...event, event_type: undefined })), {}, "invalid-envelope"],
    ["a time that is none", text(JSON.stringify({ ...event, timestamp: "99999-01-01" })), {}, "invalid-envelope"],
    ["hops below zero", text(JSON.stringify({ ...event, hops: -1 })), {}, "invalid-envelope"],
    ["an unknown version", text(JSON.stringify({ ...event, event_type: "context.update.v9" })), {}, "unknown-version"],
    ["an attribute that disagrees", encodeEnvelope(event), { event_type: "git.push.v1" }, "attribute-mismatch"],
    ["too many hops", encodeEnvelope({ ...event, hops: 11 }), {}, "too-many-hops"],
    [
      "a score of 11",
      text(JSON.stringify({ ...event, data: { ...(event.data as object), impact_score: 11 } })),
      {},
      "invalid-data",
    ],
  ];
  test.each(cases)("%s", async (_name, data, attributes, code) => {
    const { receive, publisher } = house(counting);
    const delivery = { ...deliveryOf(event), data, attributes, subscription: "coach-from-context" };
    expect(await receive(delivery)).toMatchObject({ kind: "dead-lettered", error: { code } });
    expect(publisher.messages).toEqual([
      {
        topic: "context-updates-dlq",
        data,
        attributes: expect.objectContaining({
          ...attributes,
          dead_letter_code: code,
          dead_letter_consumer: "coach-agent",
        }) as unknown,
      },
    ]);
  });

  test.each(cases)("%s, redriven to another service, does not die here a second time", async (_name, data, own) => {
    const { receive, publisher } = house(counting);
    const attributes = { ...own, redrive_to: "spec-agent" };
    const delivery = { ...deliveryOf(event), data, attributes, subscription: "coach-from-context" };
    expect(await receive(delivery)).toMatchObject({ kind: "skipped", reason: "addressed-to-another" });
    expect(publisher.messages).toEqual([]);
  });

  test("names the field and the value's limits", async () => {
    const { receive, publisher } = house(counting);
    await receive({
      ...deliveryOf(event),
      data: text(JSON.stringify({ ...event, data: { ...(event.data as object), impact_score: 11 } })),
    });
    expect(publisher.deadLetters[0]?.attributes["dead_letter_reason"]).toContain("data.impact_score");
    expect(publisher.deadLetters[0]?.topic).toBe("audit-all-dlq");
  });

  test("are acked only when the bus has them", async () => {
    const { receive, publisher } = house(counting);
    publisher.refuse();
    const delivery = { ...deliveryOf(event), data: text("no") };
    expect(await receive(delivery)).toMatchObject({ kind: "retry", error: { code: "publish-failed" } });
  });

  test("have one id for each message and service, and leave no inbox record", async () => {
    const { receive, publisher } = house(
      doing(() => {
        throw MessageError.permanent("rejected", "no");
      }),
    );
    await receive(deliveryOf(event));
    await receive(deliveryOf(event));
    const [first, second] = publisher.deadLetters.map(({ attributes }) => attributes["dead_letter_id"]);
    expect(first).toBe(second);
  });
});

const failing = (code?: "unavailable") =>
  doing(() => {
    throw code === undefined ? new RangeError("broken") : MessageError.retryable(code, "down");
  });
const attempt = (number: number) => ({ deliveryAttempt: number });

describe("failures", () => {
  test("the fifth goes to the dead letters, with the reason and the number", async () => {
    const { receive, publisher } = house(failing());
    const kinds = [];
    for (let number = 1; number <= 5; number += 1)
      kinds.push((await receive(deliveryOf(update(), attempt(number)))).kind);
    expect(kinds).toEqual(["retry", "retry", "retry", "retry", "dead-lettered"]);
    expect(publisher.deadLetters[0]?.attributes).toMatchObject({
      dead_letter_code: "handler-failed",
      dead_letter_failures: "5",
      dead_letter_reason: expect.stringContaining("broken") as unknown,
    });
  });

  test("an event's own max_retries counts instead", async () => {
    const { receive } = house(failing());
    expect(await receive(deliveryOf(update({ max_retries: 0 })))).toMatchObject({ kind: "dead-lettered" });
  });

  test("what the surroundings cause is never counted", async () => {
    const { receive } = house(failing("unavailable"));
    for (let number = 1; number <= 20; number += 1) {
      expect(await receive(deliveryOf(update(), attempt(number)))).toMatchObject({ kind: "retry" });
    }
  });

  test("a new message of the same event begins anew", async () => {
    const { receive } = house(failing());
    for (let number = 1; number <= 5; number += 1) await receive(deliveryOf(update(), attempt(number)));
    expect(await receive(deliveryOf(update(), { messageId: "2" }))).toMatchObject({ kind: "retry" });
  });

  test("the handler sees how often it has failed", async () => {
    const seen: number[] = [];
    const { receive } = house(
      doing((retryCount) => {
        seen.push(retryCount);
        if (retryCount < 2) throw new Error("again");
        return { events: [] };
      }),
    );
    for (let number = 1; number <= 3; number += 1) await receive(deliveryOf(update(), attempt(number)));
    expect(seen).toEqual([0, 1, 2]);
  });

  test("only what is not delivered for the first time has failures to look for, beside its state", async () => {
    const reads: (string | undefined)[][] = [];
    class WatchedStore extends MemoryStore {
      override read(keys: readonly string[]) {
        reads.push(keys.map((key) => key.split("/")[2]));
        return super.read(keys);
      }
    }
    const seen: unknown[] = [];
    const trying = handler("context.update.v1", {
      state: () => ({ counter: counters.of("abc") }),
      decide: (_event, { counter }, { retryCount }) => {
        seen.push({ ...counter, retryCount });
        if (retryCount < 1) throw new Error("again");
        return { events: [] };
      },
    });
    const { receive } = house(trying, { store: new WatchedStore() });
    for (let number = 1; number <= 2; number += 1) await receive(deliveryOf(update(), attempt(number)));
    expect(seen).toEqual([
      { count: 0, retryCount: 0 },
      { count: 0, retryCount: 1 },
    ]);
    expect(reads).toEqual([["inbox", "counters"], ["failures"], ["inbox", "counters", "failures"]]);
  });

  test("a read that never ends is cut off below the ack deadline, whether it heeds the signal or not", async () => {
    let aborted = false;
    const hanging = handler("context.update.v1", {
      read: (_event, _state, { signal }) =>
        new Promise<void>(() =>
          signal.addEventListener("abort", () => {
            aborted = true;
          }),
        ),
      decide: () => ({ events: [] }),
    });
    const { receive } = house(hanging, { ackDeadlineSeconds: () => 0.05 });
    expect(await receive(deliveryOf(update()))).toMatchObject({ kind: "retry", error: { code: "time-limit" } });
    expect(aborted).toBe(true);
  });

  test("a store that is down is nobody's failure; state that has no JSON is the handler's", async () => {
    const down = new MemoryStore();
    down.commit = () => Promise.reject(new Error("disk full"));
    const waiting = house(counting, { store: down });
    expect(await waiting.receive(deliveryOf(update()))).toMatchObject({
      kind: "retry",
      error: { code: "store-failed" },
    });

    const unsayable = handler("context.update.v1", {
      state: () => ({ counter: counters.of("abc") }),
      decide: () => ({ events: [], state: { counter: { count: 1n as unknown as number } } }),
    });
    const { receive } = house(unsayable);
    expect(await receive(deliveryOf(update()))).toMatchObject({ kind: "retry", error: { code: "handler-failed" } });
  });

  test("saying more than 512 KiB at once is refused", async () => {
    const long = Array.from({ length: 700 }, (_, index) => ({
      ...nudge(`n${index}`),
      data: { ...nudge("n").data, why_now: "x".repeat(1000) },
    }));
    const { receive } = house(doing(() => ({ events: long })));
    expect(await receive(deliveryOf(update()))).toMatchObject({ kind: "retry", error: { code: "output-too-large" } });
  });
});
