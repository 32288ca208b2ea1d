import * as fc from "fast-check";
import { encodeEnvelope, idempotencyKey, readEnvelope, type Envelope } from "./envelope.ts";

const five = {
  event_id: "e1",
  event_type: "context.update.v1",
  timestamp: "2026-03-02T10:00:00Z",
  source: "context-agent",
  data: { commit_hash: "abc123" },
};

function envelopeOf(value: unknown): Envelope {
  const read = readEnvelope(value);
  if (!read.ok) throw new TypeError(`${read.path}: ${read.problem}`);
  return read.value;
}

const throughTheWire = (envelope: Envelope): Envelope =>
  envelopeOf(JSON.parse(Buffer.from(encodeEnvelope(envelope)).toString("utf8")));

test("five fields suffice, and the others have their defaults", () => {
  expect(envelopeOf(five)).toEqual({ ...five, tenant_id: "default", correlation_id: "e1", hops: 0 });
});

test("every field of the envelope is read as it stands", () => {
  const full = {
    ...five,
    tenant_id: "acme",
    correlation_id: "c1",
    parent_event_id: "p1",
    hops: 10,
    trace_id: "req-12345",
    user_id: "u1",
    execution_id: "x1",
    source_agent_id: "a1",
    priority: "critical",
    ttl_seconds: 0.5,
    max_retries: 0,
    replay_generation: "g1",
    metadata: { note: "ünïcödé" },
  };
  expect(envelopeOf(full)).toEqual(full);
});

test.each([
  ["as Python's isoformat writes it", "2026-03-02T10:00:00.123456+00:00"],
  ["with nanoseconds", "2026-03-02T10:00:00.123456789Z"],
  ["on a leap year's day", "2028-02-29T23:59:59Z"],
])("a time in UTC %s is read", (_how, timestamp) => {
  expect(envelopeOf({ ...five, timestamp }).timestamp).toBe(timestamp);
});

test.each([
  ["context.update", undefined, "context.update.v1"],
  ["context.update", null, "context.update.v1"],
  ["context.update", "1.0", "context.update.v1"],
  ["context.update", "2.0", "context.update.v2"],
  ["context.update", 3, "context.update.v3"],
  ["context.update.v1", "2.0", "context.update.v1"],
  ["plan.step.completed", "12", "plan.step.completed.v12"],
])("%s with data.version %p is %s", (event_type, version, expected) => {
  expect(envelopeOf({ ...five, event_type, data: { version } }).event_type).toBe(expected);
});

const tooLong = [129, 10_240].map((length) => "x".repeat(length));
const notAName = ["", "x".repeat(257), 7, null, {}];
/** For each field, values that it may not have. */
const BAD: Readonly<Record<string, readonly unknown[]>> = {
  event_id: [undefined, null, 7, "", ...tooLong, "lone \ud800"],
  event_type: [
    undefined,
    7,
    "",
    "update",
    "context.v1",
    "Context.Update.v1",
    "context..update",
    "context.update.",
    "context.update.v0",
    "context.update.v01",
    "context.update.v1.v2",
    "context.update.v1\n",
    ...tooLong,
  ],
  timestamp: [
    undefined,
    1_772_445_600,
    "",
    "today",
    "2026-03-02",
    "2026-03-02 10:00:00Z",
    "2026-03-02T10:00:00",
    "2026-03-02T10:00:00+01:00",
    "2026-02-29T10:00:00Z",
    "2026-03-02T24:00:00Z",
    "99999-03-02T10:00:00Z",
    "+099999-03-02T10:00:00Z",
    `2026-03-02T10:00:00.${"0".repeat(10_000)}Z`,
  ],
  source: [undefined, ...notAName],
  data: [undefined, null, "text", 7, [], [{}]],
  tenant_id: [null, "", ...tooLong, 7, "\udfff"],
  correlation_id: [null, "", ...tooLong],
  parent_event_id: [null, "", ...tooLong],
  hops: [null, -1, 0.5, "0", 1e300],
  trace_id: notAName,
  user_id: notAName,
  execution_id: notAName,
  source_agent_id: notAName,
  priority: ["urgent", "HIGH", "", 1, null],
  ttl_seconds: ["soon", "60", 0, -1, null],
  max_retries: ["3", -1, 1.5, null],
  replay_generation: [null, "", ...tooLong],
  metadata: [null, [], "text"],
};

test.each(Object.entries(BAD).flatMap(([field, values]) => values.map((value) => [field, value] as const)))(
  "%s may not be %j, and the refusal names the field",
  (field, value) => {
    expect(readEnvelope({ ...five, [field]: value })).toMatchObject({ ok: false, path: field });
  },
);

test.each(["", "latest", "v2.0", "0.9", "-1", 0, 1e21, true, [1], {}])(
  "an event type without a version may not stand beside data.version %j",
  (version) => {
    expect(readEnvelope({ ...five, event_type: "context.update", data: { version } })).toMatchObject({
      ok: false,
      path: "data.version",
    });
  },
);

test.each([undefined, null, "text", 7, [], [five]])("%j is no envelope", (value) => {
  expect(readEnvelope(value)).toMatchObject({ ok: false });
});

describe("a round trip", () => {
  // Keys that mean something to JavaScript, and any text that UTF-8 can carry.
  const key = fc.oneof(
    fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty"),
    fc.string({ unit: "binary" }),
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.jsonValue({ stringUnit: "binary" }), fc.array(tie("value")), tie("object")),
    object: fc
      .array(fc.tuple(key, tie("value")), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries) as Record<string, unknown>),
  })).object;

  test("keeps every field, unknown ones and keys of any name among them", () => {
    fc.assert(
      fc.property(json, json, json, (data, metadata, unknown) => {
        delete data["version"];
        const text = JSON.stringify({ ...unknown, ...five, data, metadata });
        const envelope = envelopeOf(JSON.parse(text));
        const parsed = JSON.parse(text) as object;
        const expected = JSON.stringify({ ...parsed, tenant_id: "default", correlation_id: "e1", hops: 0 });
        // As text: Jest's equality takes a key named __proto__ for the prototype.
        expect(JSON.stringify(envelope)).toBe(expected);
        expect(JSON.stringify(throughTheWire(envelope))).toBe(expected);
      }),
    );
  });

  test("keeps __proto__ a key like any other", () => {
    const text = `{"__proto__":{"a":1},"data":{"__proto__":{"b":2},"constructor":{"__proto__":null}},"metadata":{"__proto__":[]}}`;
    const { data, metadata, ...rest } = JSON.parse(text) as Record<string, unknown>;
    const envelope = throughTheWire(envelopeOf({ ...five, data, metadata, ...rest }));
    expect(JSON.stringify(envelope.data)).toBe(`{"__proto__":{"b":2},"constructor":{"__proto__":null}}`);
    expect(JSON.stringify(envelope.metadata)).toBe(`{"__proto__":[]}`);
    expect(Object.getOwnPropertyDescriptor(envelope, "__proto__")?.value).toEqual({ a: 1 });
    expect(Object.getPrototypeOf(envelope)).toBe(Object.prototype);
  });
});

test("an envelope that was read cannot be changed, however deep", () => {
  const envelope = envelopeOf({ ...five, data: { files: [{ path: "a" }] }, metadata: { by: { name: "n" } } });
  const { files } = envelope.data as { files: { path: string }[] };
  expect(() => Object.assign(envelope, { hops: 1 })).toThrow(TypeError);
  expect(() => files.push({ path: "b" })).toThrow(TypeError);
  expect(() => Object.assign(files[0] ?? {}, { path: "b" })).toThrow(TypeError);
  expect(() => Object.assign(envelope.metadata?.["by"] ?? {}, { name: "m" })).toThrow(TypeError);
});

test("the idempotency key is type, tenant and id", () => {
  expect(idempotencyKey(envelopeOf({ ...five, tenant_id: "acme" }))).toBe("context.update.v1:acme:e1");
});
