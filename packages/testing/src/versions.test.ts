import { defineEvent, gitCommit, type DataOf, type Envelope } from "@contextpilot/events";
import {
  MemoryStore,
  collection,
  createReceiver,
  handler,
  upcast,
  type Delivery,
  type Handler,
} from "@contextpilot/messaging";
import * as z from "zod";
import { RecordingPublisher } from "./recording-publisher.ts";

// The catalogue's own families have one version each: the second one is the tests' own.

type Data = DataOf<"context.update.v1">;

/** Score and size, in one object of their own. */
const contextUpdateV2 = defineEvent("context.update.v2", (object) =>
  object({
    commit_hash: z.string().max(8),
    measures: object({ impact: z.number(), lines: z.int().min(0) }),
  }),
);
const asV2 = ({ commit_hash, impact_score, lines_added, lines_removed }: Data) => ({
  commit_hash,
  measures: { impact: impact_score, lines: lines_added + lines_removed },
});

const measured = {
  files_changed: ["src/auth.py"],
  lines_added: 150,
  lines_removed: 30,
  commit_hash: "abc",
  impact_score: 7.5,
  change_type: "refactor",
};
const measuredV2 = { commit_hash: "abc", measures: { impact: 7.5, lines: 180 } };

/** A delivery of an update as it is on the wire: whatever type and data are named. */
function delivered(event_type: string, data: object, over: Partial<Delivery> = {}): Delivery {
  const event = { event_id: "e1", event_type, timestamp: "2026-03-02T10:00:00Z", source: "test", data };
  return {
    messageId: "m1",
    data: Buffer.from(JSON.stringify(event)),
    attributes: {},
    publishTime: event.timestamp,
    subscription: "coach-from-context",
    deliveryAttempt: 1,
    ...over,
  };
}

function house(...handlers: readonly Handler[]) {
  const store = new MemoryStore();
  const publisher = new RecordingPublisher();
  const open = (used: readonly Handler[]) =>
    createReceiver({ service: "coach-agent", handlers: used, store, publisher });
  return { store, publisher, ...open(handlers), deployed: (...used: readonly Handler[]) => open(used) };
}

/** Handlers that write down what they were given. */
function noting() {
  const seen: [version: string, event: Envelope][] = [];
  const v1 = handler("context.update.v1", {
    decide: (event) => {
      seen.push(["v1", event]);
      return { events: [] };
    },
  });
  const v2 = handler(contextUpdateV2, {
    decide: (event) => {
      seen.push(["v2", event]);
      return { events: [], note: `${event.data.measures.lines} lines` };
    },
  });
  return { seen, v1, v2, versions: () => seen.map(([version]) => version) };
}

describe("two versions side by side", () => {
  test.each<[string, object, string]>([
    ["context.update.v1", measured, "v1"],
    ["context.update.v2", measuredV2, "v2"],
    ["context.update", measured, "v1"],
    ["context.update", { ...measured, version: "1.0" }, "v1"],
    ["context.update", { ...measuredV2, version: "2.0" }, "v2"],
    ["context.update", { ...measuredV2, version: 2 }, "v2"],
    // A type that names its version does not ask the data.
    ["context.update.v1", { ...measured, version: "2.0" }, "v1"],
  ])("%s with %j is handled by %s", async (type, data, version) => {
    const { v1, v2, seen } = noting();
    const { receive } = house(v1, v2);
    expect(await receive(delivered(type, data))).toMatchObject({ kind: "handled" });
    expect(seen).toMatchObject([[version, { event_type: `context.update.${version}`, data }]]);
  });

  test("the same event_id in both versions is two events, each handled once", async () => {
    const { v1, v2, versions } = noting();
    const { receive } = house(v1, v2);
    for (const attempt of [1, 2]) {
      await receive(delivered("context.update.v1", measured, { deliveryAttempt: attempt }));
      await receive(delivered("context.update.v2", measuredV2, { messageId: "m2", deliveryAttempt: attempt }));
    }
    expect(versions()).toEqual(["v1", "v2"]);
  });

  test("each is read by its own schema", async () => {
    const { v1, v2, versions } = noting();
    const { receive } = house(v1, v2);
    expect(await receive(delivered("context.update.v2", measured))).toMatchObject({
      kind: "dead-lettered",
      error: { code: "invalid-data", message: expect.stringContaining("data.measures") as unknown },
    });
    expect(versions()).toEqual([]);
  });

  test("two handlers for one version are a mistake, and so is a name that the house does not know", () => {
    const { v1 } = noting();
    expect(() => house(v1, v1)).toThrow("two handlers for one event type");
    const unknown = "context.update.v2" as "context.update.v1";
    expect(() => handler(unknown, { decide: () => ({ events: [] }) })).toThrow(
      "the house does not know context.update.v2",
    );
  });
});

test.each<[string, string, object]>([
  ["by its type", "context.update.v2", measuredV2],
  ["by its data", "context.update", { ...measuredV2, version: "2.0" }],
])("a version that is unknown %s waits among the dead letters until its handler is there", async (_how, type, data) => {
  const { v1, v2, versions } = noting();
  const { receive, publisher, deployed } = house(v1);
  expect(await receive(delivered(type, data))).toMatchObject({
    kind: "dead-lettered",
    error: { code: "unknown-version" },
  });
  const [letter] = publisher.deadLetters;
  expect(letter).toMatchObject({ topic: "context-updates-dlq", attributes: { dead_letter_consumer: "coach-agent" } });

  const redriven = { ...delivered(type, data), data: letter!.data, attributes: { redrive_to: "coach-agent" } };
  expect(await deployed(v1, v2).receive({ ...redriven, messageId: "m2" })).toMatchObject({ kind: "handled" });
  expect(versions()).toEqual(["v2"]);
});

const impacts = collection("impacts", z.object({ of: z.array(z.number()).default([]) }));

describe("an older version, upcast", () => {
  test("is handled by the newer version's handler, as if it had come so", async () => {
    const { v2, seen } = noting();
    const { receive } = house(upcast("context.update.v1", v2, asV2), v2);
    expect(await receive(delivered("context.update.v1", measured))).toMatchObject({
      kind: "handled",
      event: { event_type: "context.update.v1", data: measured },
      note: "180 lines",
    });
    await receive(delivered("context.update.v2", measuredV2, { messageId: "m2" }));
    expect(seen.map(([, { event_type, data }]) => [event_type, data])).toEqual([
      ["context.update.v2", measuredV2],
      ["context.update.v2", measuredV2],
    ]);
  });

  test("shares the newer handler's state, and is converted once a delivery", async () => {
    let conversions = 0;
    const adding = handler(contextUpdateV2, {
      state: ({ data }) => ({ impact: impacts.of(data.commit_hash) }),
      decide: ({ data }, { impact }) => ({
        events: [],
        state: { impact: { of: [...impact.of, data.measures.impact] } },
      }),
    });
    const older = upcast("context.update.v1", adding, (data) => {
      conversions += 1;
      return asV2(data);
    });
    const { receive, store } = house(older, adding);
    await receive(delivered("context.update.v1", { ...measured, impact_score: 1 }));
    await receive(delivered("context.update.v2", { ...measuredV2, measures: { impact: 2, lines: 1 } }));
    expect((await store.read(["default/coach-agent/impacts/abc"]))[0]?.value).toEqual({ of: [1, 2] });
    expect(conversions).toBe(1);
  });

  test("keeps its own inbox record: handled before as v1, it is a duplicate", async () => {
    const { v1, v2, versions } = noting();
    const { receive, deployed } = house(v1);
    await receive(delivered("context.update.v1", measured));
    const { receive: later } = deployed(upcast("context.update.v1", v2, asV2), v2);
    expect(await later(delivered("context.update.v1", measured, { deliveryAttempt: 2 }))).toEqual(
      expect.objectContaining({ kind: "handled", duplicate: true }),
    );
    expect(versions()).toEqual(["v1"]);
  });

  test("says what v2 says, under ids and in a chain of its own event", async () => {
    const saying = handler(contextUpdateV2, {
      decide: ({ data }) => ({ events: [gitCommit(commitOf(data.commit_hash))] }),
    });
    const { receive, publisher } = house(upcast("context.update.v1", saying, asV2), saying);
    await receive(delivered("context.update.v1", measured));
    await receive(delivered("context.update.v2", measuredV2, { messageId: "m2" }));
    const [first, second] = publisher.events;
    expect(first).toMatchObject({ event_type: "git.commit.v1", parent_event_id: "e1", data: { commit_hash: "abc" } });
    expect(second?.event_id).not.toBe(first?.event_id);
  });

  test("acts under the newer handler's claim, with a signal", async () => {
    const claims: string[] = [];
    const acting = handler(contextUpdateV2, {
      claim: ({ data }) => {
        claims.push(data.commit_hash);
        return data.commit_hash;
      },
      act: ({ data }, _state, { signal }) =>
        Promise.resolve({ events: [], note: `${data.measures.lines} ${String(signal.aborted)}` }),
    });
    const { receive } = house(upcast("context.update.v1", acting, asV2));
    expect(await receive(delivered("context.update.v1", measured))).toMatchObject({ note: "180 false" });
    expect(claims).toEqual(["abc"]);
  });

  test("is still read by its own schema first", async () => {
    const { v2 } = noting();
    const { receive } = house(upcast("context.update.v1", v2, asV2));
    expect(await receive(delivered("context.update.v1", { ...measured, impact_score: 11 }))).toMatchObject({
      kind: "dead-lettered",
      error: { code: "invalid-data" },
    });
  });

  test("an upcaster that makes what the newer schema refuses has failed, and the field is named", async () => {
    const { v2 } = noting();
    const { receive } = house(upcast("context.update.v1", v2, asV2));
    expect(
      await receive(delivered("context.update.v1", { ...measured, commit_hash: "longer than eight" })),
    ).toMatchObject({
      kind: "retry",
      error: {
        code: "handler-failed",
        message: expect.stringContaining("context.update.v1 as context.update.v2: data.commit_hash: ") as unknown,
      },
    });
  });
});

describe("event types of a program's own", () => {
  const parcelSent = defineEvent("parcel.sent.v1", (object) => object({ grams: z.int().min(1) }));

  test("are heard through their definition, by a service that the topology does not know", async () => {
    const weights: number[] = [];
    const weighing = handler(parcelSent, {
      decide: ({ data }) => {
        weights.push(data.grams);
        return { events: [] };
      },
    });
    const publisher = new RecordingPublisher();
    const { receive } = createReceiver({
      service: "scales",
      handlers: [weighing],
      store: new MemoryStore(),
      publisher,
    });
    expect(await receive(delivered("parcel.sent.v1", { grams: 0 }))).toMatchObject({ kind: "dead-lettered" });
    expect(await receive(delivered("parcel.sent", { grams: 5 }))).toMatchObject({ kind: "handled" });
    expect(await receive(delivered("parcel.lost.v1", {}))).toMatchObject({ reason: "another-family" });
    expect(weights).toEqual([5]);
  });
});

function commitOf(commit_hash: string): DataOf<"git.commit.v1"> {
  const read = gitCommit.read({ branch: "main", commit_hash, message: "m", files_changed: [] });
  if (!read.ok) throw new TypeError(read.problem);
  return read.value;
}
