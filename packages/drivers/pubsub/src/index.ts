export { connect, type PubsubConnection } from "./connection.ts";
export { drainSubscription, type Drained, type DrainOptions } from "./drain-subscription.ts";
export type { BatchSettings } from "./publish-settings.ts";
export { PubsubPublisher, type PubsubPublisherOptions } from "./pubsub-publisher.ts";
export { PubsubSubscriber, type PubsubSubscriberOptions } from "./pubsub-subscriber.ts";
export { planChanges, planDeletion, type Difference, type Step } from "./topology/plan.ts";
export { PubsubProject, type Grant } from "./topology/pubsub-project.ts";
export type { ProjectSettings, PushIdentity, SubscriptionSettings, TopicSettings } from "./topology/settings.ts";
export { PULLED, wantedSettings, type WantedSettings, type WantedSubscription } from "./topology/wanted.ts";
