import type { Benchmark } from "./benchmark.ts";
import { brokerPublish } from "./broker-publish.ts";
import { eventsPath } from "./events-path.ts";
import { firestoreEvents } from "./firestore-events.ts";
import { historyImport } from "./history-import.ts";
import { houseFootprint } from "./house-footprint.ts";
import { inProcess } from "./in-process.ts";
import { processStart } from "./process-start.ts";
import { pubsubPublisher } from "./pubsub-publisher.ts";
import { publishToEvents } from "./publish-to-events.ts";
import { pushToNudge } from "./push-to-nudge.ts";
import { strategyEvent } from "./strategy-event.ts";

/** Every benchmark, in the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  eventsPath,
  inProcess,
  brokerPublish,
  publishToEvents,
  strategyEvent,
  firestoreEvents,
  pushToNudge,
  historyImport,
  houseFootprint,
  processStart,
  pubsubPublisher,
];
