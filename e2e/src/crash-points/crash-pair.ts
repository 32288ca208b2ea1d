import type { PushTarget } from "@contextpilot/broker";
import type { Payloads, Publisher, Store } from "@contextpilot/messaging";

/** A bus and a store that a house stands on which is to be killed. What they were given outlives it. */
export interface CrashPair {
  readonly publisher: Publisher;
  readonly payloads: Payloads;
  /** Whose tokens pushes carry; its keys are at `/.well-known/jwks.json` below. */
  readonly issuer: string;
  storeOf(service: string): Store;
  /** From now on the subscription is pushed there. */
  push(subscription: string, target: PushTarget): Promise<void>;
  /** Resolves when every message has been acked by everybody who hears it. */
  whenIdle(): Promise<void>;
  close(): Promise<void>;
}
