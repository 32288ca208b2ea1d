import type { Envelope } from "@contextpilot/events";
import { MessageError, type Outcome } from "@contextpilot/messaging";
import { DeliveryCounter } from "./delivery-counts.ts";

const event: Envelope = {
  event_id: "e1",
  event_type: "git.commit.v1",
  timestamp: "2026-03-02T12:00:00.000Z",
  source: "test",
  data: {},
  tenant_id: "default",
  correlation_id: "e1",
  hops: 0,
};

test("deliveries are counted by how they ended, and by reason where they were not handled", () => {
  const counter = new DeliveryCounter();
  const outcomes: readonly Outcome[] = [
    { kind: "handled", event, duplicate: false, published: [] },
    { kind: "handled", event, duplicate: true, published: [] },
    { kind: "taken" },
    { kind: "skipped", event, reason: "another-family" },
    { kind: "skipped", event, reason: "another-family" },
    { kind: "skipped", event, reason: "expired" },
    { kind: "retry", error: MessageError.retryable("unavailable", "the store is down") },
    { kind: "dead-lettered", event, error: MessageError.permanent("unknown-version", "no handler for v9") },
  ];
  for (const outcome of outcomes) counter.add(outcome);

  expect(counter.counts).toEqual({
    handled: 2,
    duplicates: 1,
    taken: 1,
    skipped: { "another-family": 2, expired: 1 },
    retried: { unavailable: 1 },
    dead_lettered: { "unknown-version": 1 },
  });
});
