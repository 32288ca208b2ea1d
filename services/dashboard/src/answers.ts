import { coachNudge, type DataOf } from "@contextpilot/events";
import type { Clock } from "@contextpilot/messaging";
import { handlingsOf, type AskHandled, type Handling } from "./handlings.ts";
import { orderCausally, type ChainEvent } from "./order-chain.ts";
import type { Proposal } from "./proposals/proposal.ts";
import type { Decision } from "./dead-letters/decisions.ts";
import {
  MAX_PAGE,
  type FiledDeadLetter,
  type Page,
  type PageQuery,
  type ReadModel,
  type SeenEvent,
} from "./read-model.ts";

/** An event in its place in a chain, and what became of it. */
export interface ChainItem extends ChainEvent {
  /** One for each service that handles its type; null where the services cannot be asked from here. */
  readonly handlings: readonly Handling[] | null;
}

/** `GET /api/chains/:id`: a part of a chain in causal order, and all its dead letters (500 at most). */
export interface ChainAnswer extends Page<ChainItem> {
  readonly correlation_id: string;
  readonly dead_letters: readonly FiledDeadLetter[];
}

/** One of `GET /api/nudges`: what the coach said, to whom and when. */
export interface Nudge extends DataOf<"coach.nudge.v1"> {
  readonly event_id: string;
  readonly correlation_id: string;
  /** The envelope's user_id; null where it names nobody. */
  readonly person: string | null;
  readonly timestamp: string;
  readonly seen_at: string;
}

/** `GET /api/dead-letters/:id`: with its bytes as they came, and what was decided about it. */
export interface DeadLetterAnswer extends FiledDeadLetter {
  readonly decisions: readonly Decision[];
  readonly data_base64: string;
}

/** One of `GET /api/proposals`: without its patch, which `GET /api/proposals/:id` has. */
export interface ProposalSummary extends Omit<Proposal, "patch"> {
  /** In UTF-8; 0 where a person has to do the work. */
  readonly patch_bytes: number;
}

/** What is refused. */
export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}

export interface ChainSources {
  readonly readModel: ReadModel;
  readonly askHandled: AskHandled | undefined;
  readonly clock: Clock;
}

/** A chain as it is answered; undefined where nothing of it was seen. */
export async function answerChain(
  { readModel, askHandled, clock }: ChainSources,
  query: PageQuery & { readonly correlation_id: string },
): Promise<ChainAnswer | undefined> {
  const { tenant_id, correlation_id } = query;
  const [events, deadLetters] = await Promise.all([
    readModel.chain(query),
    readModel.deadLetters({ tenant_id, correlation_id, limit: MAX_PAGE }),
  ]);
  if (events.items.length === 0 && deadLetters.items.length === 0) return undefined;
  const handlings =
    askHandled === undefined ? [] : await handlingsOf(events.items, deadLetters.items, { askHandled, clock });
  return {
    correlation_id,
    items: orderCausally(events.items.map((seen, index) => ({ ...seen, handlings: handlings[index] ?? null }))),
    next: events.next,
    dead_letters: deadLetters.items,
  };
}

/** A dead letter as it is answered; undefined where there is none. */
export async function answerDeadLetter(
  readModel: ReadModel,
  tenantId: string,
  deadLetterId: string,
): Promise<DeadLetterAnswer | undefined> {
  const [found, decisions] = await Promise.all([
    readModel.deadLetter(tenantId, deadLetterId),
    readModel.decisionsAbout(tenantId, deadLetterId),
  ]);
  if (found === undefined) return undefined;
  return { ...found.deadLetter, decisions, data_base64: Buffer.from(found.data).toString("base64") };
}

/** A page of proposals as it is answered. */
export function answerProposals({ items, next }: Page<Proposal>): Page<ProposalSummary> {
  return {
    items: items.map(({ patch = "", ...proposal }) => ({ ...proposal, patch_bytes: Buffer.byteLength(patch) })),
    next,
  };
}

/** A page of coach.nudge events as nudges; those whose data is none are left out, as every other reader leaves them. */
export function answerNudges({ items, next }: Page<SeenEvent>): Page<Nudge> {
  return { items: items.flatMap((seen) => nudgeIn(seen)), next };
}

function nudgeIn({ event, seen_at }: SeenEvent): readonly Nudge[] {
  const data = event.event_type === coachNudge.type ? coachNudge.read(event.data) : undefined;
  if (data?.ok !== true) return [];
  const { event_id, correlation_id, timestamp, user_id: person = null } = event;
  return [{ ...data.value, event_id, correlation_id, person, timestamp, seen_at }];
}
