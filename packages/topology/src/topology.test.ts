import { catalogue, parseEventType } from "@contextpilot/events";
import { passes } from "./filter/evaluate-filter.ts";
import { parseFilter } from "./filter/parse-filter.ts";
import { deadLetterTopicOf, resolveTopology, topicOf } from "./resolve.ts";
import {
  services,
  subscriptions,
  topics,
  type ServiceSpec,
  type SubscriptionSpec,
  type TopicSpec,
} from "./topology.ts";

const resolved = resolveTopology();
const specs: readonly (readonly [string, SubscriptionSpec])[] = Object.entries(subscriptions);
const families = Object.values(catalogue).map(({ family }) => family);
const heard = specs.flatMap(([name, { hears = [] }]) => hears.map((family: string) => [name, family] as const));
const said: readonly string[] = Object.values(services).flatMap(({ says }) => says);
const carried = resolved.topics.flatMap((topic) => topic.families);
const carriedBy = (topic: string): readonly string[] =>
  resolved.topics.find(({ name }) => name === topic)?.families ?? [];

// Pub/Sub: 3 to 255 of these characters, from a letter, and not "goog" at the start.
const NAME = /^(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/;

test.each(resolved.topics)("topic $name has a name that Pub/Sub takes", ({ name }) => {
  expect(name).toMatch(NAME);
});

test.each(resolved.subscriptions)("subscription $name is one that Pub/Sub takes", (subscription) => {
  expect(subscription.name).toMatch(NAME);
  expect(resolved.topics.map(({ name }) => name)).toContain(subscription.topic);
  expect(subscription.ackDeadlineSeconds).toBeGreaterThanOrEqual(10);
  expect(subscription.ackDeadlineSeconds).toBeLessThanOrEqual(600);
  expect(subscription.retentionDays).toBeLessThanOrEqual(31);
});

test.each(resolved.subscriptions)(
  "$name: the git-agent, which reads repositories, has 120 s, all others 60",
  (subscription) => {
    expect(subscription.ackDeadlineSeconds).toBe(subscription.service === "git-agent" ? 120 : 60);
  },
);

test("topics and subscriptions have names of their own", () => {
  for (const named of [resolved.topics, resolved.subscriptions]) {
    expect(new Set(named.map(({ name }) => name)).size).toBe(named.length);
  }
});

test.each(families)("%s has one topic", (family) => {
  const specs: readonly TopicSpec[] = Object.values(topics);
  expect(specs.filter((topic) => Object.hasOwn(topic.families, family))).toHaveLength(1);
});

test("every family of a topic is one of the house's, and somebody says it", () => {
  const carried = resolved.topics.flatMap(({ families }) => families);
  expect(carried.filter((family) => !families.some((known) => known === family))).toEqual([]);
  expect(carried.filter((family) => !said.includes(family))).toEqual([]);
});

test.each(heard)("%s hears %s, which its topic carries and somebody says", (name, family) => {
  expect(carriedBy(specs.find(([spec]) => spec === name)?.[1].topic ?? "")).toContain(family);
  expect(said).toContain(family);
});

test.each(specs.filter(([, { ordered }]) => ordered))("%s is ordered, so all that it hears is", (_name, spec) => {
  const carried: TopicSpec["families"] = topics[spec.topic as keyof typeof topics].families;
  const orders: Readonly<Record<string, { readonly orderedBy?: readonly string[] } | undefined>> = carried;
  expect((spec.hears ?? []).filter((family: string) => (orders[family]?.orderedBy ?? []).length === 0)).toEqual([]);
});

test("a family is ordered by text that its data has", () => {
  const ordered = { families: { "git.commit": { orderedBy: ["repository", "branch"] } } } as const satisfies TopicSpec;
  // @ts-expect-error a commit has no such field
  const unknown: TopicSpec = { families: { "git.commit": { orderedBy: ["colour"] } } };
  // @ts-expect-error a list makes no key
  const list: TopicSpec = { families: { "git.commit": { orderedBy: ["files_changed"] } } };
  expect([ordered, unknown, list]).toHaveLength(3);
});

test("a subscription to what its topic does not carry does not compile", () => {
  const common = { service: "coach-agent", ackDeadlineSeconds: 60 } as const;
  const fits: SubscriptionSpec = { ...common, topic: "context-updates", hears: ["context.update"] };
  // @ts-expect-error commits go to git-events
  const elsewhere: SubscriptionSpec = { ...common, topic: "context-updates", hears: ["git.commit"] };
  // @ts-expect-error dead letters are heard raw
  const filtered: SubscriptionSpec = { ...common, topic: "git-events-dlq", hears: ["git.commit"] };
  // @ts-expect-error there is no such topic
  const nowhere: SubscriptionSpec = { ...common, topic: "somewhere", raw: true };
  expect([fits, elsewhere, filtered, nowhere]).toHaveLength(4);
});

describe("dead letters", () => {
  const heardTopics = new Set(resolved.subscriptions.flatMap(({ topic, raw }) => (raw ? [topic] : [])));

  test.each(Object.keys(topics))("of %s are heard as they are, or they would be lost", (topic) => {
    expect(resolved.topics.find(({ name }) => name === topic)?.deadLetterTopic).toBe(`${topic}-dlq`);
    expect(heardTopics).toContain(`${topic}-dlq`);
  });

  test.each(resolved.services)("of $name can be published by it", ({ name, publishesTo }) => {
    const needed = resolved.subscriptions.flatMap(({ service, topic }) =>
      service === name ? [deadLetterTopicOf(topic), "audit-all-dlq"] : [],
    );
    expect(publishesTo).toEqual(expect.arrayContaining(needed));
  });

  test.each(resolved.subscriptions)("$name forwards to its topic's, and a raw one forwards nothing", (subscription) => {
    const forwarded = { topic: `${subscription.topic}-dlq`, maxDeliveryAttempts: 100 };
    expect(subscription.deadLetter).toEqual(subscription.raw ? undefined : forwarded);
  });
});

test.each(resolved.services)("$name may publish to the topics of what it says, and to no other's", (service) => {
  const { says, saysAgain = false }: ServiceSpec = services[service.name];
  const own = (saysAgain ? carried : says).map((family) => topicOf(`${family}.v1`));
  const live = service.publishesTo.filter((topic) => !topic.endsWith("-dlq"));
  expect(live.toSorted()).toEqual([...new Set(own)].toSorted());
});

describe.each(specs.filter(([, { hears }]) => hears !== undefined))("the filter of %s", (name, spec) => {
  const filter = parseFilter(resolved.subscriptions.find((subscription) => subscription.name === name)?.filter ?? "");
  const hears = (event_type: string): boolean => passes(filter, { event_type });
  const [wanted, unwanted] = [true, false].map((is) =>
    families.filter((family) => (spec.hears ?? []).some((hearing: string) => hearing === family) === is),
  );
  const versions = Object.keys(catalogue);

  test("passes what its service handles, in any version and in none", () => {
    const types = (wanted ?? []).flatMap((family) => [family, `${family}.v1`, `${family}.v2`, `${family}.v1000`]);
    expect(types.filter((type) => !hears(type))).toEqual([]);
    const known = versions.filter((type) => wanted?.some((family) => parseEventType(type)?.family === family));
    expect(known.filter((type) => !hears(type))).toEqual([]);
  });

  test("passes nothing that its service has no use for", () => {
    const types = (unwanted ?? []).flatMap((family) => [family, `${family}.v1`, `${family}.v2`]);
    const near = (wanted ?? []).flatMap((family) => [
      `${family}ed.v1`,
      `${family}2.v1`,
      `x${family}.v1`,
      `${family}.w1`,
    ]);
    expect([...types, ...near].filter(hears)).toEqual([]);
  });
});

test("a raw subscription has no filter", () => {
  expect(resolved.subscriptions.filter(({ raw, filter }) => raw === (filter !== undefined))).toEqual([]);
});
