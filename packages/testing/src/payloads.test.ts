import { coachNudge, contextUpdate, createEvent, readEnvelope, type Envelope } from "@contextpilot/events";
import {
  MemoryPayloads,
  MemoryStore,
  createReceiver,
  handler,
  handlersOf,
  parseStrictJson,
  type Payloads,
} from "@contextpilot/messaging";
import { quietCoach } from "./quiet-coach.ts";
import { RecordingPublisher } from "./recording-publisher.ts";
import { deliveryOf } from "./stage.ts";

const LONG = "x".repeat(1024 * 1024);

/** An update whose subject is a mebibyte long. */
function longUpdate(): Envelope {
  const read = contextUpdate.read({
    repository: "shop",
    files_changed: ["a.ts"],
    lines_added: 1,
    lines_removed: 0,
    commit_hash: "abc",
    impact_score: 1,
    change_type: "feat",
    subject: LONG,
  });
  if (!read.ok) throw new TypeError(read.problem);
  return createEvent(contextUpdate(read.value), { source: "test", timestamp: "2026-03-02T10:00:00Z", event_id: "e1" });
}

/** A context-agent that answers each commit with a long update, and a coach that says how long its subject was. */
function house(payloads: Payloads | undefined) {
  const publisher = new RecordingPublisher();
  const seen: number[] = [];
  const withPayloads = payloads === undefined ? {} : { payloads };
  const context = createReceiver({
    service: "context-agent",
    handlers: handlersOf("context-agent", {
      "git.commit.v1": handler("git.commit.v1", {
        decide: () => ({ events: [contextUpdate(longUpdate().data as Parameters<typeof contextUpdate>[0])] }),
      }),
    }),
    store: new MemoryStore(),
    publisher,
    ...withPayloads,
  });
  const coach = createReceiver({
    service: "coach-agent",
    handlers: handlersOf("coach-agent", {
      ...quietCoach,
      "context.update.v1": handler("context.update.v1", {
        decide: ({ data }) => {
          seen.push(data.subject.length);
          return { events: [] };
        },
      }),
    }),
    store: new MemoryStore(),
    publisher,
    ...withPayloads,
  });
  const commit = createEvent(
    {
      event_type: "git.commit.v1",
      data: { branch: "main", commit_hash: "abc", message: "feat: long", files_changed: ["a.ts"] },
    },
    { source: "test", timestamp: "2026-03-02T10:00:00Z", event_id: "c1" },
  );
  return { publisher, seen, context, coach, commit };
}

const envelopeIn = (bytes: Uint8Array): Envelope => {
  const read = readEnvelope(parseStrictJson(bytes));
  if (!read.ok) throw new TypeError(read.problem);
  return read.value;
};

test("data of a mebibyte goes by reference and reaches the next handler whole", async () => {
  const { publisher, seen, context, coach, commit } = house(new MemoryPayloads());
  expect(await context.receive(deliveryOf(commit))).toMatchObject({ kind: "handled" });
  const [message] = publisher.messages;
  expect(message?.data.byteLength).toBeLessThan(2000);
  expect(message?.orderingKey).toBe("shop");
  const event = envelopeIn(message?.data ?? new Uint8Array());
  expect(event).toMatchObject({ data_ref: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown } });
  expect(event.data).toBeUndefined();

  const delivery = {
    ...deliveryOf(longUpdate()),
    data: message?.data ?? new Uint8Array(),
    attributes: message?.attributes ?? {},
  };
  expect(await coach.receive(delivery)).toMatchObject({ kind: "handled" });
  expect(seen).toEqual([LONG.length]);
});

test("without a payload store, what is over 512 KiB is a failure of the handler that says it", async () => {
  const { context, commit } = house(undefined);
  expect(await context.receive(deliveryOf(commit))).toMatchObject({
    kind: "retry",
    error: { code: "output-too-large" },
  });
});

const referring = (hash: string): Envelope => {
  const { data: _, ...event } = longUpdate();
  return { ...event, data: undefined, data_ref: { hash, bytes: 10 } };
};
const deliver = (event: Envelope) => ({ ...deliveryOf(longUpdate()), data: Buffer.from(JSON.stringify(event)) });

describe("an event whose payload", () => {
  test("is not there yet waits, uncounted", async () => {
    const { coach } = house(new MemoryPayloads());
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      expect(await coach.receive({ ...deliver(referring("0".repeat(64))), deliveryAttempt: attempt })).toMatchObject({
        kind: "retry",
        error: { code: "payload-missing" },
      });
    }
  });

  test("is not what its hash says is a dead letter", async () => {
    const lying = { put: () => Promise.resolve(""), get: () => Promise.resolve(Buffer.from("{}")) };
    const { coach } = house(lying);
    expect(await coach.receive(deliver(referring("0".repeat(64))))).toMatchObject({
      kind: "dead-lettered",
      error: { code: "payload-corrupt" },
    });
  });

  test("is no data of its type is a dead letter", async () => {
    const payloads = new MemoryPayloads();
    const hash = await payloads.put(Buffer.from('{"impact_score":11}'));
    const { coach } = house(payloads);
    expect(await coach.receive(deliver(referring(hash)))).toMatchObject({
      kind: "dead-lettered",
      error: { code: "invalid-data" },
    });
  });
});

test("an event with neither data nor a reference is no envelope", () => {
  const { data: _, ...event } = longUpdate();
  expect(readEnvelope(event)).toMatchObject({ ok: false, path: "data" });
});

test("a draft's own attributes travel with its message, also when it is published again", async () => {
  const publisher = new RecordingPublisher();
  const options = {
    service: "coach-agent",
    handlers: handlersOf("coach-agent", {
      ...quietCoach,
      "context.update.v1": handler("context.update.v1", {
        decide: () => ({
          events: [
            coachNudge(
              {
                nudge_id: "n",
                rule: "r",
                repository: "shop",
                title: "t",
                why_now: "w",
                next_actions: ["a", "b"],
                eta_minutes: 5,
                priority: "low",
                links: [],
                related_events: [],
              },
              { attributes: { team: "checkout" } },
            ),
          ],
        }),
      }),
    }),
    store: new MemoryStore(),
    publisher,
  } as const;
  const small = createEvent(
    {
      event_type: "context.update.v1",
      data: {
        files_changed: [],
        lines_added: 0,
        lines_removed: 0,
        commit_hash: "a",
        impact_score: 0,
        change_type: "feat",
      },
    },
    { source: "test", timestamp: "2026-03-02T10:00:00Z", event_id: "e9" },
  );
  await createReceiver(options).receive(deliveryOf(small));
  await createReceiver(options).receive(deliveryOf(small));
  expect(publisher.messages.map(({ attributes }) => attributes["team"])).toEqual(["checkout", "checkout"]);
});
