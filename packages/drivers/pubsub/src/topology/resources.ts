import type { protos } from "@google-cloud/pubsub";
import type { Difference } from "./plan.ts";
import type { SubscriptionSettings, TopicSettings } from "./settings.ts";
import type { WantedSubscription } from "./wanted.ts";

type Topic = protos.google.pubsub.v1.ITopic;
type Subscription = protos.google.pubsub.v1.ISubscription;
type Push = protos.google.pubsub.v1.IPushConfig;
type Duration = protos.google.protobuf.IDuration;

/** Pub/Sub, where nothing was said: 7 days. */
const USUAL_RETENTION = 604_800;

export const topicName = (project: string, name: string): string => `projects/${project}/topics/${name}`;
export const subscriptionName = (project: string, name: string): string => `projects/${project}/subscriptions/${name}`;

export function topicSettings({ name, messageRetentionDuration }: Topic): TopicSettings {
  return { name: lastWord(name), retentionSeconds: seconds(messageRetentionDuration) };
}

export function topicResource(project: string, { name, retentionSeconds }: TopicSettings): Topic {
  return {
    name: topicName(project, name),
    ...(retentionSeconds === undefined ? {} : { messageRetentionDuration: { seconds: retentionSeconds } }),
  };
}

export function subscriptionSettings(actual: Subscription): SubscriptionSettings {
  const { retryPolicy, deadLetterPolicy } = actual;
  const { serviceAccountEmail, audience } = actual.pushConfig?.oidcToken ?? {};
  return {
    name: lastWord(actual.name),
    // `_deleted-topic_` where it is gone.
    topic: lastWord(actual.topic),
    filter: actual.filter ?? "",
    ordered: actual.enableMessageOrdering ?? false,
    ackDeadlineSeconds: actual.ackDeadlineSeconds ?? 0,
    retry: retryPolicy
      ? {
          minimumSeconds: seconds(retryPolicy.minimumBackoff) ?? 0,
          maximumSeconds: seconds(retryPolicy.maximumBackoff) ?? 0,
        }
      : undefined,
    deadLetter: deadLetterPolicy?.deadLetterTopic
      ? {
          topic: lastWord(deadLetterPolicy.deadLetterTopic),
          maxDeliveryAttempts: deadLetterPolicy.maxDeliveryAttempts ?? 0,
        }
      : undefined,
    retentionSeconds: seconds(actual.messageRetentionDuration) ?? USUAL_RETENTION,
    expiresAfterSeconds: seconds(actual.expirationPolicy?.ttl) ?? "never",
    pushEndpoint: actual.pushConfig?.pushEndpoint ?? "",
    ...(serviceAccountEmail ? { pushIdentity: { serviceAccount: serviceAccountEmail, audience: audience ?? "" } } : {}),
  };
}

/** `pushed` is how it has been pushed so far. */
export function subscriptionResource(project: string, wanted: WantedSubscription, pushed: Push = {}): Subscription {
  const { retry, deadLetter, expiresAfterSeconds, pushEndpoint = "" } = wanted;
  return {
    name: subscriptionName(project, wanted.name),
    topic: topicName(project, wanted.topic),
    filter: wanted.filter,
    enableMessageOrdering: wanted.ordered,
    ackDeadlineSeconds: wanted.ackDeadlineSeconds,
    ...(retry && {
      retryPolicy: {
        minimumBackoff: { seconds: retry.minimumSeconds },
        maximumBackoff: { seconds: retry.maximumSeconds },
      },
    }),
    ...(deadLetter && {
      deadLetterPolicy: {
        deadLetterTopic: topicName(project, deadLetter.topic),
        maxDeliveryAttempts: deadLetter.maxDeliveryAttempts,
      },
    }),
    messageRetentionDuration: { seconds: wanted.retentionSeconds },
    // Without a time to live in it the policy says: never. Without a policy it would be 31 days.
    expirationPolicy: expiresAfterSeconds === "never" ? {} : { ttl: { seconds: expiresAfterSeconds } },
    pushConfig: pushEndpoint === "" ? {} : { ...pushed, pushEndpoint },
  };
}

/** As the resource calls it, in an update's mask. */
const PATHS: Readonly<Record<string, string>> = {
  ackDeadlineSeconds: "ack_deadline_seconds",
  retry: "retry_policy",
  deadLetter: "dead_letter_policy",
  retentionSeconds: "message_retention_duration",
  expiresAfterSeconds: "expiration_policy",
  pushEndpoint: "push_config",
} satisfies Partial<Record<keyof SubscriptionSettings, string>>;

export const updateMask = (differences: readonly Difference[]) => ({
  paths: differences.flatMap(({ field }) => PATHS[field] ?? []),
});

function seconds(duration: Duration | null | undefined): number | undefined {
  return duration == null ? undefined : Number(duration.seconds ?? 0) + (duration.nanos ?? 0) / 1e9;
}

const lastWord = (name: string | null | undefined): string => name?.split("/").at(-1) ?? "";
