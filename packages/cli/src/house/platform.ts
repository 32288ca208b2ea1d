import type { Logger, ReadyCheck } from "@contextpilot/agent-host";
import type { LocalIssuer, PushTarget } from "@contextpilot/broker";
import type { OutgoingMessage, Payloads, Publisher, Store } from "@contextpilot/messaging";
import type { Service } from "@contextpilot/topology";
import type { Closing } from "./closing.ts";
import type { DataFolder } from "./data-folder.ts";

/** What a house stands on: a bus that pushes, and a place for what its services keep. */
export interface Platform {
  readonly publisher: Publisher;
  readonly payloads: Payloads;
  /** Whether the bus takes messages. Default: nobody knows, and so nobody is held up. */
  readonly isBusReady?: ReadyCheck;
  /** How many subscriptions get a message. Default: nobody knows. */
  readonly subscribers?: (message: OutgoingMessage) => number;
  /** Signs the pushes' tokens; its keys are served below its own address. */
  readonly issuer: LocalIssuer;
  /** A service's documents; asked for once. */
  storeOf(service: Service): Store;
  /** From now on pushes to the target what the subscription hears. */
  push(subscription: string, target: PushTarget): Promise<void>;
  /** Begins no push any more, and lets those that run end for a while. */
  stop(): Promise<void>;
}

export interface PlatformPlace {
  readonly data: DataFolder;
  /** Multiplies the bounds of every retry, where the platform lets it. */
  readonly retryScale: number;
  readonly logger: (service: string) => Logger;
}

/** Opens a platform, and adds to `closing` what closes it again. */
export type OpenPlatform = (place: PlatformPlace, closing: Closing) => Promise<Platform>;
