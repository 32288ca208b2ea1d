import type { Clock } from "@contextpilot/messaging";
import type { MessageLog } from "../message-log.ts";
import type { HandlerFailure } from "./bus-subscription.ts";
import type { Retention } from "./kept-events.ts";

/** As pino's: fields first, then a sentence. */
export interface BusLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface BusOptions {
  /** Who publishes, where an event does not say otherwise. */
  readonly source: string;
  /**
   * Where events are until they are handled, and the bus's from now on: `new MemoryLog()`, which loses what is not handled when
   * the process ends, or `SqliteLog.open({ file })`. The bus never takes one for the other.
   */
  readonly log: MessageLog;
  /** Keeps what was published for `replay`. Default: nothing is kept, and a replay is refused. */
  readonly retention?: Retention;
  /** Hears each failure of a handler. What it throws is ignored. */
  readonly onError?: (failure: HandlerFailure) => void;
  /** Hears of each event published, each failure and each large payload. Default: nobody; large payloads are a process warning. */
  readonly logger?: BusLogger;
  readonly clock?: Clock;
}
