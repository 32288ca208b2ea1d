import type { LocalIssuer } from "@contextpilot/broker";
import type { RunningAgent } from "@contextpilot/cli";
import type { Envelope } from "@contextpilot/events";
import type { Outcome, Publisher } from "@contextpilot/messaging";
import type { Service } from "@contextpilot/topology";
import type { HouseApi } from "../house-api.ts";
import type { Door } from "../pushes.ts";

/** How one delivery ended, at which service. */
export interface SuiteHandling {
  readonly service: Service;
  readonly subscription: string;
  readonly outcome: {
    readonly kind: Outcome["kind"];
    readonly duplicate?: boolean;
    readonly reason?: string;
    readonly event?: Envelope | undefined;
  };
}

/** A house as the suite meets it, wherever it runs. */
export interface SuiteHouse {
  readonly door: Door;
  readonly api: HouseApi;
  readonly apiUrl: string;
  readonly publisher: Publisher;
  readonly agents: ReadonlyMap<Service, RunningAgent>;
  /** Signs the tokens of its pushes; undefined where its key cannot be had. */
  readonly issuer?: LocalIssuer;
  /** The name in those tokens. */
  readonly issuerName: string;
  onHandling(listener: (handling: SuiteHandling) => void): void;
  /** Pushes as the bus does, with the right token; gives the status. */
  push(subscription: string, body: string): Promise<number>;
  /** Ends everything of it; what is on the bus and in the stores stays. */
  stop(): Promise<void>;
  /** The test is done with it. */
  close(): Promise<void>;
}

/** Where the houses of one test stand, one after the other: what one leaves behind, the next one finds. */
export interface HousePlace {
  /** The folder in which the house finds `shop.git`. */
  readonly repositories: string;
  /** When its commits begin: what runs on from test to test remembers what it said of others. */
  readonly beginning?: Date;
  /** The data folder, as the command line is told it. */
  readonly data: string;
  open(): Promise<SuiteHouse>;
  /** Takes away what the houses left. */
  close(): Promise<void>;
}
