import { gitCommit, readEnvelope } from "@contextpilot/events";
import { RecordingPublisher, commitAgent, goodCommit } from "@contextpilot/testing";
import type { Delivery, Outcome } from "@contextpilot/messaging";
import * as fc from "fast-check";
import { decodePush, type DecodedPush } from "./decode-push.ts";

/** A failure names its seed and path: give them to fc.assert to see it again. */
const RUNS = { numRuns: 1_500 };

type JsonObject = Readonly<Record<string, unknown>>;
const readJson = (bytes: Uint8Array): JsonObject => JSON.parse(new TextDecoder().decode(bytes)) as JsonObject;

const PUBLISH_TIME = "2026-11-21T08:30:00Z";
let messages = 0;

function pushOf(data: Uint8Array, attributes: Readonly<Record<string, string>>): Uint8Array {
  const message = { data: Buffer.from(data).toString("base64"), attributes, messageId: String(++messages) };
  const subscription = "projects/p/subscriptions/context-from-git";
  return Buffer.from(JSON.stringify({ message: { ...message, publishTime: PUBLISH_TIME }, subscription }));
}

/** Takes a body as an agent does, and holds how that ended to what was promised. */
function take(body: Uint8Array): Promise<Outcome["kind"] | "no push"> {
  const push = decodePush(body);
  return push.ok ? receive(push.delivery) : setAside(push, body);
}

async function setAside(push: Extract<DecodedPush, { ok: false }>, body: Uint8Array): Promise<"no push"> {
  const publisher = new RecordingPublisher();
  expect(push.error).toMatchObject({ code: "invalid-push", class: "permanent" });
  expect(push.message.data).toBe(body);
  await commitAgent(publisher).receiver.setAside(push.message, push.error);
  expect(publisher.deadLetters[0]?.data).toBe(body);
  return "no push";
}

async function receive(delivery: Delivery): Promise<Outcome["kind"]> {
  const publisher = new RecordingPublisher();
  const agent = commitAgent(publisher);
  const { kind } = await agent.receiver.receive(delivery);
  // The store and the bus are well: nothing has to come again.
  expect(["handled", "skipped", "dead-lettered"]).toContain(kind);
  const dead = publisher.deadLetters.map((letter) => Buffer.compare(letter.data, delivery.data));
  expect(dead).toEqual(kind === "dead-lettered" ? [0] : []);
  expect(agent.commits()).toBe(kind === "handled" ? 1 : 0);
  // Reading them throws where what was said is no event.
  expect(publisher.events).toHaveLength(kind === "handled" ? 1 : 0);
  expect(kind !== "handled" || isCommit(delivery.data)).toBe(true);
  return kind;
}

function isCommit(data: Uint8Array): boolean {
  const envelope = readEnvelope(readJson(data));
  return envelope.ok && envelope.value.event_type === gitCommit.type && gitCommit.read(envelope.value.data).ok;
}

/** A value, now and then near to what a field may hold. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }),
  fc.constantFrom<unknown>(
    -1,
    0,
    0.5,
    11,
    1e300,
    Number.MAX_SAFE_INTEGER + 1,
    "",
    "1",
    "\ud800",
    "\u0000",
    "git.push.v1",
  ),
  fc.constantFrom<unknown>("2026-11-21T08:30:00Z", "99999-01-01T00:00:00Z", "x".repeat(10_000), [], {}, null, true),
);
const FIELDS = [
  "event_id",
  "event_type",
  "timestamp",
  "source",
  "data",
  "data_ref",
  "tenant_id",
  "correlation_id",
  "hops",
];
const OPTIONAL = ["parent_event_id", "trace_id", "user_id", "priority", "ttl_seconds", "max_retries", "metadata"];
const DATA = ["branch", "repository", "commit_hash", "message", "files_changed", "changes", "lines_added", "is_merge"];
const anyName = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom("__proto__", "constructor", "version", ""),
  );

/** A field of the envelope or of its data gets another value, or goes. */
const change = fc.record({
  inData: fc.boolean(),
  field: anyName([...FIELDS, ...OPTIONAL]),
  dataField: anyName(DATA),
  value: fc.option(anyValue, { nil: undefined }),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(commit: JsonObject, changes: readonly Change[]): JsonObject {
  return changes.reduce((envelope, { inData, field, dataField, value }) => {
    if (!inData) return withMember(envelope, field, value);
    const { data } = envelope;
    return { ...envelope, data: withMember(isObject(data) ? data : {}, dataField, value) };
  }, commit);
}

function withMember(object: JsonObject, name: string, value: unknown): JsonObject {
  const others = Object.entries(object).filter(([key]) => key !== name);
  return Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Bytes are overwritten, taken out or put in. */
const damage = fc.array(fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 4 }) }), {
  minLength: 1,
  maxLength: 3,
});

function damaged(
  bytes: Uint8Array,
  damages: readonly { at: number; remove: number; insert: Uint8Array }[],
): Uint8Array {
  return damages.reduce<Uint8Array>((whole, { at, remove, insert }) => {
    const place = at % (whole.length + 1);
    return Buffer.concat([whole.subarray(0, place), insert, whole.subarray(place + remove)]);
  }, bytes);
}

const eventType = { event_type: "git.commit.v1" };

test("random bytes are no push", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      expect(await take(bytes)).toBe("no push");
    }),
    RUNS,
  );
});

test("any JSON in the places of a push has one of the ends", async () => {
  const attributes = fc.dictionary(anyName(FIELDS), fc.oneof(fc.string({ unit: "binary" }), anyValue));
  const message = fc.record(
    {
      data: fc.oneof(fc.base64String(), anyValue),
      attributes,
      messageId: fc.oneof(fc.string(), anyValue),
      publishTime: fc.oneof(fc.constant(PUBLISH_TIME), anyValue),
    },
    { requiredKeys: [] },
  );
  const subscription = fc.oneof(fc.constant("projects/p/subscriptions/context-from-git"), anyValue);
  const push = fc.record(
    { message: fc.oneof({ weight: 9, arbitrary: message }, anyValue), subscription, deliveryAttempt: anyValue },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(push, async (body) => {
      await take(Buffer.from(JSON.stringify(body)));
    }),
    RUNS,
  );
});

test("a commit whose fields were changed is handled only where it still is a commit", async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 3 }), async (changes) => {
      const data = Buffer.from(JSON.stringify(changed(readJson(goodCommit().data), changes)));
      kinds.add(await take(pushOf(data, {})));
    }),
    RUNS,
  );
  // Else the changes were all of one kind, and little was tried.
  expect([...kinds].toSorted()).toEqual(["dead-lettered", "handled", "skipped"]);
});

test("a commit, or its push, whose bytes were damaged has one of the ends", async () => {
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), async (damages, outside) => {
      const { data } = goodCommit();
      await take(outside ? damaged(pushOf(data, eventType), damages) : pushOf(damaged(data, damages), eventType));
    }),
    RUNS,
  );
});

test("attributes of any kind never are worse than a dead letter", async () => {
  const names = fc.oneof(anyName([...FIELDS, "idempotency_key", "redrive_to"]), fc.string({ unit: "binary" }));
  const attributes = fc.dictionary(names, fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("0", "git.commit")));
  await fc.assert(
    fc.asyncProperty(attributes, async (some) => {
      await take(pushOf(goodCommit().data, some));
    }),
    RUNS,
  );
});
