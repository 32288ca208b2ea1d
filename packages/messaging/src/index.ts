export { problemOfMessage } from "./check-message.ts";
export { collection, glanceAt, type Collection, type CollectionOptions, type DocumentRef } from "./collection.ts";
export { encodeUnit, type EncodedChange, type EncodedDocument, type EncodedUnit } from "./encode-unit.ts";
export {
  MessageError,
  type ErrorClass,
  type ErrorCode,
  type ErrorDetails,
  type PermanentCode,
  type RetryableCode,
} from "./error.ts";
export {
  handler,
  handlersOf,
  type Awakening,
  type DecideContext,
  type Decision,
  type Handler,
  type HandlersOf,
  type ReadContext,
  type StateOf,
  type StateRefs,
} from "./handler.ts";
export { MemoryStore } from "./memory-store.ts";
export { messageOf } from "./message.ts";
export { acknowledgementOf, type Outcome, type SkipReason } from "./outcome.ts";
export { systemClock, type Clock } from "./ports/clock.ts";
export { PublishError, type OutgoingMessage, type Publisher } from "./ports/publisher.ts";
export {
  AlreadyHandled,
  Conflict,
  type CommitUnit,
  type DocumentChange,
  type DocumentTimes,
  type Store,
  type StoredDocument,
} from "./ports/store.ts";
export type { Acknowledgement, Deliver, Delivery, Subscriber, Subscription } from "./ports/subscriber.ts";
export {
  createRawReceiver,
  createReceiver,
  type Receive,
  type OwnReceiverOptions,
  type Receiver,
  type ReceiverOptions,
  type SetAside,
} from "./receive.ts";
export type { Undeliverable } from "./dead-letter.ts";
export { MAX_HOPS } from "./guard.ts";
export { MAX_INLINE_BYTES, MAX_SAID_BYTES } from "./said.ts";
export { MemoryPayloads } from "./memory-payloads.ts";
export type { Payloads } from "./ports/payloads.ts";
export { KEPT_DAYS } from "./inbox.ts";
export { IsoTimes } from "./iso-times.ts";
export { MAX_JSON_DEPTH, parseStrictJson } from "./strict-json.ts";
export { resolveData } from "./resolve-data.ts";
export { upcast } from "./upcast.ts";
export { startClock, tickOf, type RunningClock } from "./tick.ts";
export { onTick } from "./on-tick.ts";
export { readHandled, type Handled } from "./handled.ts";
