import type { DeadLetterState, KeptDeadLetter, Page } from "../read-model.ts";

export type DecisionKind = "redrive" | "resend" | "discard";

/** What somebody decided about a dead letter, and what came of it. */
export interface Decision {
  readonly kind: DecisionKind;
  readonly by: string;
  /** UTC, ISO 8601. */
  readonly at: string;
  /** `pending`: decided, and not yet known to be on the bus. `failed`: the bus did not take it, the dead letter is as before. */
  readonly status: "pending" | "done" | "failed";
  /** The bus's id of the message that was sent for it. */
  readonly message_id: string | null;
  readonly problem: string | null;
}

export interface NewDecision {
  readonly tenant_id: string;
  readonly dead_letter_id: string;
  readonly kind: DecisionKind;
  readonly by: string;
  readonly at: string;
  /** Of a resend: the bytes to send instead of the dead letter's own. */
  readonly data?: Uint8Array;
}

/** The number of a decision that was taken; or where the dead letter stands instead, undefined where there is none. */
export type Decided =
  | { readonly ok: true; readonly decision: number }
  | { readonly ok: false; readonly state: DeadLetterState | undefined };

/** How a pending decision ended. */
export type Settlement = { readonly decision: number } & (
  | { readonly message_id: string }
  | { readonly problem: string }
);

/** A decision to send something, of which nobody knows whether the bus has it. */
export interface PendingDecision {
  readonly decision: number;
  readonly kind: Exclude<DecisionKind, "discard">;
  readonly kept: KeptDeadLetter;
  /** Of a resend: the bytes to send. */
  readonly data: Uint8Array | undefined;
}

/** Open dead letters, the oldest first, up to one that was there at the beginning: what fails again meanwhile is not among them. */
export interface OpenQuery {
  readonly tenant_id: string;
  readonly group_id?: string | undefined;
  readonly cursor?: number | undefined;
  readonly up_to: number;
  readonly limit: number;
}

/** From which states each decision is taken. What was discarded is still there, and may be sent after all. */
export const DECIDED_FROM = {
  redrive: ["open", "discarded"],
  resend: ["open", "discarded"],
  discard: ["open"],
} as const satisfies Record<DecisionKind, readonly DeadLetterState[]>;

export const STATE_AFTER = {
  redrive: "redriven",
  resend: "resent",
  discard: "discarded",
} as const satisfies Record<DecisionKind, DeadLetterState>;

/**
 * Who decided what about which dead letter. Everything resolves when it is on disk.
 *
 * - `decide` takes each decision whose dead letter stands where {@link DECIDED_FROM} allows it, once of several at the same time,
 *   and moves the dead letter to its next state. To discard is done with that; the others are pending until `settle`.
 * - `settle` ends pending decisions: done with the message's id, or failed, and the dead letter stands where it stood before.
 */
export interface Decisions {
  decide(decisions: readonly NewDecision[]): Promise<readonly Decided[]>;
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** The oldest pending ones. */
  pending(limit: number): Promise<readonly PendingDecision[]>;
  open(query: OpenQuery): Promise<Page<KeptDeadLetter>>;
  /** The cursor of the newest dead letter; 0 where there is none. */
  newest(tenantId: string): Promise<number>;
}
