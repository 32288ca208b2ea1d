import { isDeepStrictEqual } from "node:util";
import type { ProjectSettings, SubscriptionSettings, TopicSettings } from "./settings.ts";
import type { WantedSettings, WantedSubscription } from "./wanted.ts";

/** A setting that is not as it shall be. */
export interface Difference {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What becomes of one topic or subscription, and with what. */
export type Step = Of<"topic", TopicSettings> | Of<"subscription", WantedSubscription>;

type Of<Resource extends string, Wanted> = { readonly resource: Resource; readonly name: string } & (
  | { readonly kind: "create"; readonly wanted: Wanted }
  | { readonly kind: "update"; readonly wanted: Wanted; readonly differences: readonly Difference[] }
  | { readonly kind: "keep" }
  | { readonly kind: "delete" }
  /** Nothing is done; `remedy` says what a person can do. */
  | { readonly kind: "refuse"; readonly differences: readonly Difference[]; readonly remedy: string }
);

/** Pub/Sub: these belong to a subscription for its whole life. */
const FIXED: readonly string[] = ["topic", "filter", "ordered"] satisfies readonly (keyof SubscriptionSettings)[];

/**
 * How the project becomes as it shall be, in the order in which it can be done. What the project has beyond that is left alone.
 */
export function planChanges(wanted: WantedSettings, actual: ProjectSettings): readonly Step[] {
  const topics = byName(actual.topics);
  const subscriptions = byName(actual.subscriptions);
  return [
    ...wanted.topics.map((topic) => planTopic(topic, topics.get(topic.name))),
    ...wanted.subscriptions.map((each) => planSubscription(each, subscriptions.get(each.name))),
  ];
}

function planTopic(wanted: TopicSettings, actual: TopicSettings | undefined): Step {
  const { name } = wanted;
  if (actual === undefined) return { kind: "create", resource: "topic", name, wanted };
  const differences = differencesOf(wanted, actual);
  if (differences.length === 0) return { kind: "keep", resource: "topic", name };
  return { kind: "update", resource: "topic", name, wanted, differences };
}

function planSubscription(wanted: WantedSubscription, actual: SubscriptionSettings | undefined): Step {
  const { name } = wanted;
  if (actual === undefined) return { kind: "create", resource: "subscription", name, wanted };
  const differences = differencesOf(wanted, actual);
  if (differences.length === 0) return { kind: "keep", resource: "subscription", name };
  const fixed = differences.map(({ field }) => field).filter((field) => FIXED.includes(field));
  if (fixed.length === 0) return { kind: "update", resource: "subscription", name, wanted, differences };
  return { kind: "refuse", resource: "subscription", name, differences, remedy: migration(wanted, fixed) };
}

/** Nothing is lost on the way: while the one is made anew, the other keeps what comes. What comes twice is dropped by the inbox. */
function migration({ name, topic }: WantedSubscription, fixed: readonly string[]): string {
  return (
    `Pub/Sub never changes a subscription's ${fixed.join(" and ")}. To replace it: make ${name}-next on ${topic} as it shall be; ` +
    `let its service empty ${name}; delete ${name}; apply again, which makes it anew; let the service empty ${name}-next too, and delete that.`
  );
}

/** How everything that the topology names goes: subscriptions first. */
export function planDeletion(wanted: WantedSettings, actual: ProjectSettings): readonly Step[] {
  const ours = byName(wanted.subscriptions);
  const strangers = actual.subscriptions.filter(({ name }) => !ours.has(name));
  const topics = byName(actual.topics);
  return [
    ...actual.subscriptions.flatMap(({ name }): readonly Step[] =>
      ours.has(name) ? [{ kind: "delete", resource: "subscription", name }] : [],
    ),
    ...wanted.topics.flatMap(({ name }): readonly Step[] => {
      if (!topics.has(name)) return [];
      const heardBy = strangers.filter(({ topic }) => topic === name).map((stranger) => stranger.name);
      if (heardBy.length === 0) return [{ kind: "delete", resource: "topic", name }];
      const remedy = `${heardBy.join(", ")} would hear nothing any more, and is not of this topology: delete it first.`;
      return [{ kind: "refuse", resource: "topic", name, differences: [], remedy }];
    }),
  ];
}

/** Only what is wanted is compared. */
function differencesOf(wanted: object, actual: object): readonly Difference[] {
  const found = new Map(Object.entries(actual));
  return Object.entries(wanted).flatMap(([field, to]: [string, unknown]) => {
    const from: unknown = found.get(field);
    return isDeepStrictEqual(from, to) ? [] : [{ field, from, to }];
  });
}

const byName = <T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((each) => [each.name, each]));
