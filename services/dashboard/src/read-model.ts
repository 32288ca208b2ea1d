import type { Envelope } from "@contextpilot/events";
import type { Cause } from "./dead-letters/cause.ts";
import type { Decision } from "./dead-letters/decisions.ts";
import type { Proposal, ProposalQuery, ProposedEvent } from "./proposals/proposal.ts";

/** An event, and when it arrived here: UTC, ISO 8601. */
export interface SeenEvent {
  readonly event: Envelope;
  readonly seen_at: string;
}

/** What one push caused, as one row. */
export interface Chain {
  readonly correlation_id: string;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly events: number;
  readonly dead_letters: number;
  /** The event that began it; null where it has not been seen. */
  readonly root: SeenEvent | null;
}

/** What a consumer could not handle; its bytes are kept beside it. */
export interface DeadLetter {
  readonly dead_letter_id: string;
  readonly tenant_id: string;
  /** The service that could not handle it. */
  readonly consumer: string;
  readonly code: string;
  readonly reason: string;
  /** Where it was heard, and the bus's id and time of it there. */
  readonly subscription?: string | undefined;
  readonly message_id?: string | undefined;
  readonly publish_time?: string | undefined;
  /** How often its handler failed; absent where it never got there. */
  readonly failures?: number | undefined;
  /** When it was given up, and when it arrived here. */
  readonly dead_at: string;
  readonly seen_at: string;
  /** As far as they can be read. */
  readonly event_id?: string | undefined;
  readonly event_type?: string | undefined;
  readonly correlation_id?: string | undefined;
  /** The message's attributes as they came, those of the dead letter among them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/** What people have decided about a dead letter; `open`: nothing yet. */
export const DEAD_LETTER_STATES = ["open", "redriven", "resent", "discarded"] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/** A dead letter as it is kept: with its group, and where it stands. */
export interface FiledDeadLetter extends DeadLetter {
  readonly state: DeadLetterState;
  /** Those that died of the same cause. */
  readonly group_id: string;
  /** How often it arrived: a consumer that was stopped before it had acked puts the same dead letter there again. */
  readonly arrivals: number;
  readonly last_seen_at: string;
}

/** A dead letter with the message's bytes as they came. */
export interface KeptDeadLetter {
  readonly deadLetter: FiledDeadLetter;
  readonly data: Uint8Array;
}

/** Dead letters of one cause. */
export interface DeadLetterGroup extends Cause {
  readonly group_id: string;
  /** How many there are, and how many of them are open. */
  readonly dead_letters: number;
  readonly open: number;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  /** The dead_letter_id of the newest. */
  readonly example: string;
}

/** A part of a list. `next` is the cursor of the following one; null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: number | null;
}

/** Which part: at most `limit` items (1 to {@link MAX_PAGE}) from the cursor on; without one, from the beginning. */
export interface PageQuery {
  readonly tenant_id: string;
  readonly limit: number;
  readonly cursor?: number | undefined;
}

/** How much of each is kept. */
export interface Counts {
  readonly chains: number;
  readonly events: number;
  readonly nudges: number;
  readonly dead_letters: number;
}

export const MAX_PAGE = 500;

export interface DeadLetterQuery extends PageQuery {
  readonly correlation_id?: string | undefined;
  readonly state?: DeadLetterState | undefined;
  readonly group_id?: string | undefined;
}

export interface GroupQuery extends PageQuery {
  /** Only groups in which some are open. */
  readonly open?: boolean | undefined;
}

export interface EventQuery extends PageQuery {
  /** A family (`git.commit`) or one version of it (`git.commit.v1`). */
  readonly type?: string | undefined;
  /** The envelope's user_id. */
  readonly person?: string | undefined;
  /** The envelope's trace_id, as the caller gave it. */
  readonly trace?: string | undefined;
  /** The envelope's source_agent_id. */
  readonly agent?: string | undefined;
}

/**
 * What people see of the house: everything that was heard, kept in the order of arrival.
 *
 * - `keepEvent` and `keepDeadLetter` resolve when it is on disk: true where it is new, false where it was kept before. An event
 *   is known by tenant and event_id, a dead letter by tenant and dead_letter_id; what was kept first stays. So an event that is
 *   replayed is not kept a second time; what its replay caused is, with the replay_generation that it carries.
 * - `keepEvent` files the proposal that an event makes or updates, in the same write; of a proposal the latest revision stays.
 * - Lists begin with the newest; `chain`, the events of one chain, with the oldest. A page may end before its limit where its
 *   items are large: only `next` says whether there is more.
 * - A chain goes 70 days after the last that was heard of it, whole but in several steps, unless one of its dead letters waits
 *   for a decision. A dead letter without a chain goes 70 days after it was heard last, once it was decided about. Proposals stay.
 * - Nothing is shown to another tenant than its own.
 */
export interface ReadModel {
  keepEvent(event: Envelope, seenAt: string, proposed?: ProposedEvent): Promise<boolean>;
  keepDeadLetter(deadLetter: DeadLetter, data: Uint8Array): Promise<boolean>;
  events(query: EventQuery): Promise<Page<SeenEvent>>;
  chains(query: PageQuery): Promise<Page<Chain>>;
  chain(query: PageQuery & { readonly correlation_id: string }): Promise<Page<SeenEvent>>;
  deadLetters(query: DeadLetterQuery): Promise<Page<FiledDeadLetter>>;
  deadLetterGroups(query: GroupQuery): Promise<Page<DeadLetterGroup>>;
  deadLetter(tenantId: string, deadLetterId: string): Promise<KeptDeadLetter | undefined>;
  /** What was decided about a dead letter, the oldest first. */
  decisionsAbout(tenantId: string, deadLetterId: string): Promise<readonly Decision[]>;
  proposals(query: ProposalQuery): Promise<Page<Proposal>>;
  proposal(tenantId: string, proposalId: string): Promise<Proposal | undefined>;
  counts(tenantId: string): Promise<Counts>;
  close(): Promise<void>;
}
