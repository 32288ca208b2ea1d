export type { PubsubConnection } from "./connection.ts";
export type { BatchSettings } from "./publish-settings.ts";
export { PubsubPublisher, type PubsubPublisherOptions } from "./pubsub-publisher.ts";
export { PubsubSubscriber, type PubsubSubscriberOptions } from "./pubsub-subscriber.ts";
