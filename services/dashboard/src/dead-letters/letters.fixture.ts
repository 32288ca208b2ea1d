import { createLogger } from "@contextpilot/agent-host";
import { contextUpdate, encodeEnvelope, type Draft } from "@contextpilot/events";
import { messageOf } from "@contextpilot/messaging";
import { said } from "../house.fixture.ts";
import type { DeadLetter, FiledDeadLetter, KeptDeadLetter } from "../read-model.ts";
import { causeOf, groupIdOf } from "./cause.ts";

export const SEEN = "2026-03-02T12:00:01.000Z";
export const silent = createLogger({ service: "dashboard", level: "silent" });

export const update = (): Draft =>
  contextUpdate({
    repository: "shop",
    branch: "main",
    commit_hash: "b".repeat(40),
    author_id: "ada",
    subject: "Add a cart",
    files_changed: ["src/cart.ts"],
    changes: [],
    files_total: 1,
    lines_added: 30,
    lines_removed: 0,
    impact_score: 4.2,
    change_type: "feat",
    breaking: false,
    is_merge: false,
    origin: "push",
  });

/** A context.update with the id given, as the coach-agent could not handle it. */
export function letter(id: string, over: Partial<DeadLetter> = {}, data?: Uint8Array): KeptDeadLetter {
  const event = said(`event-${id}`, update());
  const bytes = data ?? encodeEnvelope(event);
  const deadLetter: DeadLetter = {
    dead_letter_id: id,
    tenant_id: "default",
    consumer: "coach-agent",
    code: "handler-failed",
    reason: `it broke [event=event-${id}]`,
    subscription: "coach-from-context",
    dead_at: SEEN,
    seen_at: SEEN,
    event_id: event.event_id,
    event_type: event.event_type,
    attributes: { ...messageOf(event).attributes, dead_letter_id: id, dead_letter_code: "handler-failed" },
    bytes: bytes.byteLength,
    ...over,
  };
  return { deadLetter: filed(deadLetter), data: bytes };
}

export function filed(deadLetter: DeadLetter): FiledDeadLetter {
  const group_id = groupIdOf(causeOf(deadLetter));
  return { ...deadLetter, state: "open", group_id, arrivals: 1, last_seen_at: deadLetter.seen_at };
}
