import { createEvent, gitPush, type EventOf } from "@contextpilot/events";
import {
  MemoryStore,
  MessageError,
  collection,
  createReceiver,
  handler,
  type Handler,
  type Outcome,
  type OwnReceiverOptions,
  type Receive,
} from "@contextpilot/messaging";
import * as z from "zod";
import { RecordingPublisher } from "./recording-publisher.ts";
import { deliveryOf } from "./stage.ts";
import { until } from "./until.ts";

const tally = collection("tally", z.object({ acts: z.number().default(0) }));

function push(id: string, repository = "shop"): EventOf<"git.push.v1"> {
  const draft = gitPush({
    repository,
    ref: "refs/heads/main",
    before: "0".repeat(40),
    after: "1".repeat(40),
    forced: false,
  });
  return createEvent(draft, { source: "test", timestamp: "2026-03-02T10:00:00Z", event_id: id });
}

/** Handlers that act on a repository, one at a time, in as many processes as asked for. */
class Acts {
  readonly store = new MemoryStore();
  readonly publisher = new RecordingPublisher();
  readonly #handler: Handler<"git.push.v1">;
  readonly #options: Partial<OwnReceiverOptions>;
  /** Acts that were begun, that run now, and at most at once. */
  begun = 0;
  running = 0;
  most = 0;

  constructor(work: (event: EventOf<"git.push.v1">, signal: AbortSignal) => Promise<void>, options = {}) {
    this.#options = options;
    this.#handler = handler("git.push.v1", {
      claim: ({ data }) => data.repository,
      state: ({ data }) => ({ tally: tally.of(data.repository) }),
      act: async (event, { tally: { acts } }, { signal }) => {
        this.begun += 1;
        this.running += 1;
        this.most = Math.max(this.most, this.running);
        try {
          await work(event, signal);
        } finally {
          this.running -= 1;
        }
        return { events: [], state: { tally: { acts: acts + 1 } } };
      },
    });
  }

  process(): Receive {
    const { store, publisher } = this;
    return createReceiver({ service: "git-agent", handlers: [this.#handler], store, publisher, ...this.#options })
      .receive;
  }

  async tally(repository = "shop"): Promise<unknown> {
    return (await this.store.read([`default/git-agent/tally/${repository}`]))[0]?.value;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("acts on the same thing run one at a time, also in two processes, and none is left out", async () => {
  const acts = new Acts(turn);
  const processes = [acts.process(), acts.process()] as const;
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, index) => processes[index % 2 === 0 ? 0 : 1](deliveryOf(push(`e${index}`)))),
  );
  expect(outcomes.every(({ kind }) => kind === "handled")).toBe(true);
  expect(acts.most).toBe(1);
  expect(await acts.tally()).toEqual({ acts: 12 });
});

test("acts on different things run at once", async () => {
  const { promise: both, resolve } = Promise.withResolvers<void>();
  const acts: Acts = new Acts(async () => {
    if (acts.running === 2) resolve();
    await both;
  });
  const receive = acts.process();
  await Promise.all([receive(deliveryOf(push("e1", "shop"))), receive(deliveryOf(push("e2", "cart")))]);
  expect(acts.most).toBe(2);
});

test("a second delivery waits for the first and finds its effect, instead of acting again", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const acts = new Acts(() => released);
  const first = acts.process()(deliveryOf(push("e1")));
  await until(() => acts.running === 1, "the first act");
  const second = acts.process()(deliveryOf(push("e1")));
  release();
  expect(await first).toMatchObject({ kind: "handled", duplicate: false });
  expect(await second).toMatchObject({ kind: "handled", duplicate: true });
  expect(acts.begun).toBe(1);
});

test("a second delivery that found the first's effect gives its claim back: the next act on the same thing need not wait for its lease", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const acts = new Acts(() => released, { ackDeadlineSeconds: () => 2 });
  const first = acts.process()(deliveryOf(push("e1")));
  await until(() => acts.running === 1, "the first act");
  const second = acts.process()(deliveryOf(push("e1")));
  release();
  await Promise.all([first, second]);
  expect(await acts.process()(deliveryOf(push("e2")))).toMatchObject({ kind: "handled", duplicate: false });
});

test("a second delivery that waited to its own deadline asks to come again, and is not counted as a failure", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const acts = new Acts(() => released);
  const first = acts.process()(deliveryOf(push("e1")));
  await until(() => acts.running === 1, "the first act");
  const hurried = createReceiver({
    service: "git-agent",
    handlers: [handler("git.push.v1", { claim: () => "shop", act: () => Promise.resolve({ events: [] }) })],
    store: acts.store,
    publisher: acts.publisher,
    ackDeadlineSeconds: () => 0.05,
  });
  expect(await hurried.receive(deliveryOf(push("e2")))).toMatchObject({
    kind: "retry",
    error: { code: "claim-held", class: "surroundings" },
  });
  release();
  await first;
});

test("a failed act gives its claim back at once, so that the next delivery need not wait for the lease", async () => {
  let failing = true;
  const acts = new Acts(async () => {
    if (failing) throw new Error("the world said no");
  });
  const receive = acts.process();
  expect(await receive(deliveryOf(push("e1")))).toMatchObject({ kind: "retry", error: { code: "handler-failed" } });
  failing = false;
  expect(await receive(deliveryOf(push("e1"), { deliveryAttempt: 2 }))).toMatchObject({ kind: "handled" });
});

test("the claim of a process that ended lapses after its lease of 20 s", async () => {
  let now = Date.parse("2026-03-02T10:00:00Z");
  const clock = { now: () => new Date(now) };
  const acts = new Acts(turn, { clock });
  const ended = { owner: "gone", until: new Date(now + 20_000).toISOString() };
  // The claim as a process leaves it that was killed at work.
  await acts.process()(deliveryOf(push("e0")));
  const key = await claimKeyOf(acts, clock);
  await acts.store.commit({ documents: [{ key, expected: undefined, change: { kind: "set", value: ended } }] });
  const hurried = new AbortController();
  const waiting = acts.process()(deliveryOf(push("e1")));
  await turn();
  expect(acts.begun).toBe(1);
  now += 20_001;
  expect(await waiting).toMatchObject({ kind: "handled" });
  hurried.abort();
});

/** The key under which the shop's claim stands while an act holds it. */
async function claimKeyOf(acts: Acts, clock: { now(): Date }): Promise<string> {
  const keys: string[] = [];
  const watching = {
    read: (asked: readonly string[]) => {
      keys.push(...asked.filter((key) => key.includes("/claims/")));
      return acts.store.read(asked);
    },
    commit: acts.store.commit.bind(acts.store),
    due: acts.store.due.bind(acts.store),
  };
  const handlers = [handler("git.push.v1", { claim: () => "shop", act: () => Promise.resolve({ events: [] }) })];
  await createReceiver({ service: "git-agent", handlers, store: watching, publisher: acts.publisher, clock }).receive(
    deliveryOf(push("watched")),
  );
  const [key] = keys;
  if (key === undefined) throw new Error("no claim was read");
  return key;
}

test("an act that lost its claim commits nothing", async () => {
  const acts: Acts = new Acts(async () => {
    // Another process has found the lease lapsed and has taken it.
    const [claim] = await acts.store.read([key]);
    await acts.store.commit({
      documents: [
        {
          key,
          expected: claim?.version,
          change: { kind: "set", value: { owner: "other", until: "2999-01-01T00:00:00Z" } },
        },
      ],
    });
  });
  const key = await claimKeyOf(acts, { now: () => new Date() });
  const outcome: Outcome = await acts.process()(deliveryOf(push("e1")));
  expect(outcome).toMatchObject({ kind: "retry", error: { code: "conflict" } });
  expect(await acts.tally()).toBeUndefined();
});

test("an act that outruns its time limit is told so, counted, and its claim left to lapse: it may still be at work", async () => {
  let told = false;
  const acts = new Acts(
    (_event, signal) => new Promise<void>(() => signal.addEventListener("abort", () => (told = true))),
    { ackDeadlineSeconds: () => 0.05 },
  );
  const key = await claimKeyOf(acts, { now: () => new Date() });
  const outcome = await acts.process()(deliveryOf(push("e1")));
  expect(outcome).toMatchObject({ kind: "retry", error: { code: "time-limit" } });
  expect(told).toBe(true);
  expect((await acts.store.read([key]))[0]?.value).toMatchObject({ owner: expect.any(String) as unknown });
});

test("a permanent failure of an act is a dead letter at once", async () => {
  const acts = new Acts(() => Promise.reject(MessageError.permanent("rejected", "the patch does not apply")));
  expect(await acts.process()(deliveryOf(push("e1")))).toMatchObject({ kind: "dead-lettered" });
  expect(acts.publisher.deadLetters).toHaveLength(1);
});
