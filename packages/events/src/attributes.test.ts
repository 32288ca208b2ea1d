import { attributesOf, contradictingAttribute, type Attributes } from "./attributes.ts";
import type { Envelope } from "./envelope.ts";

const event: Envelope = {
  event_id: "e1",
  event_type: "context.update.v2",
  timestamp: "2026-03-02T10:00:00Z",
  source: "context-agent",
  data: {},
  tenant_id: "acme",
  correlation_id: "c1",
  hops: 3,
};
const always = {
  event_type: "context.update.v2",
  source: "context-agent",
  event_id: "e1",
  tenant_id: "acme",
  correlation_id: "c1",
  hops: "3",
  idempotency_key: "context.update.v2:acme:e1",
};

test.each<[string, Partial<Envelope>, Attributes, Attributes]>([
  ["the fields that have a value, as text", {}, {}, always],
  [
    "priority, user and replay generation where they are set",
    { priority: "high", user_id: "u1", replay_generation: "g1" },
    {},
    { ...always, priority: "high", user_id: "u1", replay_generation: "g1" },
  ],
  ["nothing of data, metadata or time", { metadata: { a: 1 }, ttl_seconds: 5, parent_event_id: "p" }, {}, always],
  [
    "the publisher's own",
    {},
    { traceparent: "00-1", redrive_to: "coach-agent" },
    { ...always, traceparent: "00-1", redrive_to: "coach-agent" },
  ],
])("attributes carry %s", (_what, over, own, expected) => {
  expect(attributesOf({ ...event, ...over }, own)).toEqual(expected);
});

test.each(["event_type", "source", "hops", "user_id", "idempotency_key", "ordering_key"])(
  "the publisher's own may not be called %s, whether the event has one or not",
  (name) => {
    expect(() => attributesOf(event, { kind: "a", [name]: "context.update.v2" })).toThrow(TypeError);
    expect(() => attributesOf(event, { [name]: "3" })).toThrow(`attribute ${name} follows from the event`);
  },
);

test.each<[string, Partial<Envelope>, Attributes]>([
  ["user_id is over 1024 bytes", { user_id: "é".repeat(513) }, {}],
  ["user_id is no valid Unicode", { user_id: "\ud800" }, {}],
  ["kind is over 1024 bytes", {}, { kind: "x".repeat(1025) }],
  ["half\udfff is no valid Unicode", {}, { "half\udfff": "x" }],
  ["has no name", {}, { "": "x" }],
  ["has a name over 256 bytes", {}, { ["n".repeat(257)]: "x" }],
  ["100 attributes", {}, Object.fromEntries(Array.from({ length: 93 }, (_, at) => [`own_${at}`, ""]))],
])("what a bus would refuse is refused before: %s", (problem, over, own) => {
  expect(() => attributesOf({ ...event, ...over }, own)).toThrow(problem);
});

test("an event's own attributes do not contradict it", () => {
  expect(contradictingAttribute(event, attributesOf({ ...event, priority: "low", user_id: "u" }))).toBeUndefined();
});

test.each<[string, Attributes]>([
  ["none at all", {}],
  ["those of others", { traceparent: "00-1", redrive_to: "coach-agent", "": "" }],
  ["a field that the body leaves open", { user_id: "u1", priority: "high", replay_generation: "g1" }],
  ["an event type without its version", { event_type: "context.update", idempotency_key: "context.update:acme:e1" }],
])("attributes agree: %s", (_what, attributes) => {
  expect(contradictingAttribute(event, attributes)).toBeUndefined();
});

test.each<[string, Attributes]>([
  ["event_type", { event_type: "context.update.v1" }],
  ["event_type", { event_type: "context" }],
  ["source", { source: "git-agent" }],
  ["event_id", { event_id: "E1" }],
  ["tenant_id", { ...always, tenant_id: "default" }],
  ["correlation_id", { correlation_id: "" }],
  ["hops", { hops: "03" }],
  ["idempotency_key", { ...always, idempotency_key: "context.update.v1:acme:e1" }],
])("%s contradicts in %j", (field, attributes) => {
  expect(contradictingAttribute(event, attributes)).toBe(field);
});

test.each<[keyof Envelope, Partial<Envelope>, Attributes]>([
  ["priority", { priority: "low" }, { priority: "high" }],
  ["user_id", { user_id: "u1" }, { user_id: "u2" }],
  ["replay_generation", { replay_generation: "g1" }, { replay_generation: "g2" }],
])("%s contradicts where the body has it", (field, over, attributes) => {
  expect(contradictingAttribute({ ...event, ...over }, attributes)).toBe(field);
});
