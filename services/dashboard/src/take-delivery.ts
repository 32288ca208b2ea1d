import type { Logger } from "@contextpilot/agent-host";
import { readEnvelope, type Envelope, type Read } from "@contextpilot/events";
import { MessageError, parseStrictJson, type Clock, type Delivery, type Payloads } from "@contextpilot/messaging";
import { proposedIn } from "./proposals/proposed-in.ts";
import { readDeadLetter } from "./read-dead-letter.ts";
import type { DeadLetter, ReadModel, SeenEvent } from "./read-model.ts";

/** Something new in the feed. */
export type FeedEntry =
  | ({ readonly kind: "event" } & SeenEvent)
  | { readonly kind: "dead-letter"; readonly dead_letter: DeadLetter };

export interface TakeOptions {
  readonly readModel: ReadModel;
  readonly payloads: Payloads | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told once of each thing that was newly kept. */
  readonly tell: (entry: FeedEntry) => void;
}

/**
 * Keeps what a raw subscription brings: from a dead-letter topic the message byte for byte, from any other the event. What is
 * no event is not kept: who consumes it says so on the dead-letter topic. Safe to repeat; rejects where it could not be kept.
 */
export async function takeDelivery(delivery: Delivery, options: TakeOptions): Promise<void> {
  const { readModel, clock, logger, tell } = options;
  const seenAt = clock.now().toISOString();
  if (delivery.subscription.endsWith("-dlq")) {
    const deadLetter = readDeadLetter(delivery, seenAt);
    const isNew = await readModel.keepDeadLetter(deadLetter, delivery.data);
    if (isNew) tell({ kind: "dead-letter", dead_letter: deadLetter });
    return;
  }
  const read = readEvent(delivery.data);
  if (!read.ok) {
    const { messageId: message, subscription } = delivery;
    logger.warn({ message, subscription, reason: `${read.path}: ${read.problem}` }, "not an event, not kept");
    return;
  }
  const isNew = await readModel.keepEvent(read.value, seenAt, await proposedIn(read.value, options));
  if (isNew) tell({ kind: "event", event: read.value, seen_at: seenAt });
}

function readEvent(data: Uint8Array): Read<Envelope> {
  try {
    return readEnvelope(parseStrictJson(data));
  } catch (thrown) {
    return { ok: false, path: "data", problem: MessageError.from(thrown).message };
  }
}
