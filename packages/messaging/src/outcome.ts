import type { Envelope } from "@contextpilot/events";
import type { MessageError } from "./error.ts";
import type { Acknowledgement } from "./ports/subscriber.ts";

/** Why a delivery was set aside without being handled. */
export const SKIP_REASONS = [
  "another-family",
  "another-tenant",
  "addressed-to-another",
  "expired",
  "replay-not-wanted",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** How a delivery ended. */
export type Outcome =
  | {
      readonly kind: "handled";
      readonly event: Envelope;
      /** It had been handled before; what it said then was published again. */
      readonly duplicate: boolean;
      readonly published: readonly Envelope[];
      /** The duplicate carries other data than the event that was handled: somebody uses an event_id twice. */
      readonly dataDiffers?: true;
      /** The handler's own words on what it left unsaid. */
      readonly note?: string;
    }
  /** A raw subscription took it as it is. */
  | { readonly kind: "taken" }
  | { readonly kind: "skipped"; readonly event?: Envelope; readonly reason: SkipReason }
  | { readonly kind: "retry"; readonly event?: Envelope; readonly error: MessageError }
  | { readonly kind: "dead-lettered"; readonly event?: Envelope; readonly error: MessageError };

/** What the bus is told: only what may work later comes again. */
export function acknowledgementOf(outcome: Outcome): Acknowledgement {
  switch (outcome.kind) {
    case "handled":
    case "taken":
    case "skipped":
    case "dead-lettered":
      return "ack";
    case "retry":
      return "nack";
  }
}
