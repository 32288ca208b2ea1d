export type { ChainAnswer, DeadLetterAnswer, ErrorAnswer, Nudge } from "./answers.ts";
export { createFeed, type Feed, type FeedOptions } from "./feed.ts";
export type { ChainEvent } from "./order-chain.ts";
export {
  MAX_PAGE,
  type Chain,
  type Counts,
  type DeadLetter,
  type EventQuery,
  type KeptDeadLetter,
  type Page,
  type PageQuery,
  type ReadModel,
  type SeenEvent,
} from "./read-model.ts";
export { SqliteReadModel } from "./sqlite-read-model.ts";
export type { FeedEntry } from "./take-delivery.ts";
export { createWeb, type WebOptions } from "./web.ts";
