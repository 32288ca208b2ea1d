import type { Publisher, Subscriber } from "@contextpilot/messaging";
import {
  conformanceTopology,
  type ConformanceTopology,
} from "./publisher-subscriber-conformance/conformance-topology.ts";
import { delivering } from "./publisher-subscriber-conformance/delivering.ts";
import { features } from "./publisher-subscriber-conformance/features.ts";
import { publishing } from "./publisher-subscriber-conformance/publishing.ts";

export interface Bus {
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
}

export interface OpenedBus extends Bus {
  /** Closes the bus, or lets it go as a crash would, and opens what it left behind. */
  readonly reopen?: () => Promise<Bus>;
  close(): Promise<void>;
}

/** Features that a bus may lack, each with the reason. */
export interface MissingBusFeatures {
  /** One message of an ordering key at a time, in the order of publication. */
  readonly ordering?: string;
  readonly filters?: string;
  /** Deliveries are counted. */
  readonly deliveryAttempt?: string;
  /** Patterns over routing keys. */
  readonly patterns?: string;
  /** A subscription that asks for it gets what is critical first. */
  readonly priorities?: string;
  /** What a subscription has not got within its messages' time to live is dropped. */
  readonly messageTtl?: string;
  /** What was accepted outlives the process, but for what is not persistent. */
  readonly durable?: string;
}

/**
 * Declares the tests that every Publisher and Subscriber passes together. `open` makes the topology's topics and subscriptions,
 * empty, each time; where the bus allows it, with short retries, for the tests wait for some. What is not said to be missing is
 * tested: a durable bus must come with `reopen`.
 */
export function publisherSubscriberConformance(
  name: string,
  open: (topology: ConformanceTopology) => Promise<OpenedBus>,
  missing: MissingBusFeatures = {},
): void {
  describe(`${name} keeps the promises of Publisher and Subscriber`, () => {
    let opened: OpenedBus;
    let bus: Bus;
    const current = () => bus;
    const reopen = async () => {
      if (opened.reopen === undefined) throw new Error(`${name} is tested as durable, but open() gave no reopen`);
      bus = await opened.reopen();
    };

    beforeEach(async () => {
      opened = await open(conformanceTopology);
      bus = opened;
    });
    afterEach(() => opened.close());

    publishing(current);
    delivering(current);
    features(current, reopen, missing);
  });
}
