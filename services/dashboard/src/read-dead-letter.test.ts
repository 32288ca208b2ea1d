import { encodeEnvelope } from "@contextpilot/events";
import type { Delivery } from "@contextpilot/messaging";
import { push, said } from "./house.fixture.ts";
import { readDeadLetter } from "./read-dead-letter.ts";

const SEEN = "2026-03-02T12:00:01.000Z";
const event = said("e1", push(), { correlation_id: "c1", tenant_id: "acme" });

const delivery = (data: Uint8Array, attributes: Record<string, string> = {}): Delivery => ({
  messageId: "9",
  data,
  attributes,
  publishTime: "2026-03-02T12:00:00.000Z",
  subscription: "ui-from-git-dlq",
});

test("the house's own dead letter says why, where and how often", () => {
  const attributes = {
    dead_letter_id: "d1",
    dead_letter_consumer: "git-agent",
    dead_letter_code: "handler-failed",
    dead_letter_reason: "no such repository",
    dead_letter_subscription: "git-from-push",
    dead_letter_message_id: "7",
    dead_letter_publish_time: "2026-03-02T11:00:00.000Z",
    dead_letter_failures: "5",
    dead_letter_at: "2026-03-02T11:59:00.000Z",
  };
  expect(readDeadLetter(delivery(encodeEnvelope(event), attributes), SEEN)).toEqual({
    dead_letter_id: "d1",
    tenant_id: "acme",
    consumer: "git-agent",
    code: "handler-failed",
    reason: "no such repository",
    subscription: "git-from-push",
    message_id: "7",
    publish_time: "2026-03-02T11:00:00.000Z",
    failures: 5,
    dead_at: "2026-03-02T11:59:00.000Z",
    seen_at: SEEN,
    event_id: "e1",
    event_type: "git.push.v1",
    correlation_id: "c1",
    attributes,
    bytes: encodeEnvelope(event).byteLength,
  });
});

test("what the bus itself gave up names the consumer by its subscription", () => {
  const attributes = {
    CloudPubSubDeadLetterSourceDeliveryCount: "100",
    CloudPubSubDeadLetterSourceSubscription: "git-from-push",
    CloudPubSubDeadLetterSourceTopicPublishTime: "2026-03-02T10:00:00.000Z",
  };
  expect(readDeadLetter(delivery(encodeEnvelope(event), attributes), SEEN)).toMatchObject({
    dead_letter_id: "ui-from-git-dlq:9",
    consumer: "git-agent",
    code: "delivery-attempts",
    reason: "the bus gave up after 100 deliveries",
    subscription: "git-from-push",
    publish_time: "2026-03-02T10:00:00.000Z",
    dead_at: "2026-03-02T12:00:00.000Z",
  });
});

test.each([
  ["an empty body", Buffer.alloc(0)],
  ["no UTF-8", Buffer.from([0xff, 0xfe])],
  ["half a JSON", Buffer.from(`{"event_id":"e`)],
  ["a list", Buffer.from("[1]")],
  ["other types", Buffer.from(`{"event_id":7,"correlation_id":{},"tenant_id":""}`)],
  ["deep nesting", Buffer.from("[".repeat(100_000))],
])("%s is read without an event, for the default tenant", (_case, data) => {
  const letter = readDeadLetter(delivery(data), SEEN);
  expect(letter).toMatchObject({ tenant_id: "default", consumer: "unknown", bytes: data.byteLength });
  expect([letter.event_id, letter.event_type, letter.correlation_id]).toEqual([undefined, undefined, undefined]);
});

test("of a body that is no whole event, what can be read is; the attributes come first", () => {
  const half = Buffer.from(`{"event_id":"e2","correlation_id":7}`);
  expect(readDeadLetter(delivery(half), SEEN)).toMatchObject({ event_id: "e2", correlation_id: "e2" });
  expect(readDeadLetter(delivery(half, { correlation_id: "c2" }), SEEN)).toMatchObject({ correlation_id: "c2" });
});
