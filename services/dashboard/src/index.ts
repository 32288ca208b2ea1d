export type { Access } from "./access/access.ts";
export { thisMachine } from "./access/this-machine.ts";
export type { ChainAnswer, ChainItem, DeadLetterAnswer, ErrorAnswer, Nudge, ProposalSummary } from "./answers.ts";
export type { Cause } from "./dead-letters/cause.ts";
export {
  DeadLetterOffice,
  type DeadLetterOfficeOptions,
  type DecisionAnswer,
  type Refusal,
} from "./dead-letters/dead-letter-office.ts";
export type { Decision, DecisionKind } from "./dead-letters/decisions.ts";
export { createFeed, type Feed, type FeedOptions } from "./feed.ts";
export type { AskHandled, Handling } from "./handlings.ts";
export { FirestoreReadModel, type FirestoreReadModelOptions } from "./firestore-read-model.ts";
export { orderCausally, type ChainEvent } from "./order-chain.ts";
export type { DryRunAnswer, Operator } from "./operator/operator-routes.ts";
export type { Proposal, ProposalQuery } from "./proposals/proposal.ts";
export { PacedPublisher } from "./paced-publisher.ts";
export {
  DEAD_LETTER_STATES,
  MAX_PAGE,
  type Chain,
  type Counts,
  type DeadLetter,
  type DeadLetterGroup,
  type DeadLetterState,
  type EventQuery,
  type FiledDeadLetter,
  type KeptDeadLetter,
  type Page,
  type PageQuery,
  type ReadModel,
  type SeenEvent,
} from "./read-model.ts";
export type { ReplayCount, ReplayRun, ReplaySelection } from "./replays/replay-runs.ts";
export { Replays, type ReplaysOptions } from "./replays/replays.ts";
export { SqliteReadModel } from "./sqlite-read-model.ts";
export type { FeedEntry } from "./take-delivery.ts";
export { createWeb, type WebOptions } from "./web.ts";
