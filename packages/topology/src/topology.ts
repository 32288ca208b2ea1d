import type { DataOf, EventFamily, EventType } from "@contextpilot/events";

/** Who takes part: the services that stand, and the event families that each may say. */
export const services = {
  webhook: { says: ["git.push"] },
  "git-agent": { says: ["git.push", "git.commit"] },
  "context-agent": { says: ["context.update"] },
  "strategy-agent": { says: ["strategy.insight", "proposal.created"] },
  "spec-agent": { says: ["proposal.created", "proposal.updated", "spec.update"] },
  "coach-agent": { says: ["coach.nudge"] },
  dashboard: { says: [], saysAgain: true },
  /** Cloud Scheduler; a timer where the house is embedded. */
  clock: { says: ["clock.tick"] },
} as const satisfies Record<string, ServiceSpec>;

/** Where each event family goes, and the fields of its data that make its ordering key. */
export const topics = {
  "git-events": {
    families: { "git.push": { orderedBy: ["repository"] }, "git.commit": { orderedBy: ["repository", "branch"] } },
  },
  "context-updates": { families: { "context.update": { orderedBy: ["repository"] } } },
  "spec-updates": { families: { "spec.update": {} } },
  "strategy-insights": { families: { "strategy.insight": {} } },
  "proposals-events": { families: { "proposal.created": {}, "proposal.updated": {} } },
  "coach-nudges": { families: { "coach.nudge": {} } },
  clock: { families: { "clock.tick": {} } },
  /** Of the origins; nobody says anything there yet. */
  "milestone-events": { families: {} },
  "rewards-events": { families: {} },
  "living-twin-events": { families: {} },
  "living-twin-document-events": { families: {} },
  "living-twin-query-events": { families: {} },
  "living-twin-user-events": { families: {} },
  "living-twin-system-events": { families: {} },
  /** Delivery failures that have no other topic. */
  "audit-all": { families: {} },
} as const satisfies Record<string, TopicSpec>;

/** Who hears what. A subscription has one topic and one service. */
export const subscriptions = {
  "git-from-push": {
    topic: "git-events",
    service: "git-agent",
    hears: ["git.push"],
    ordered: true,
    ackDeadlineSeconds: 120,
  },
  "patches-from-proposals": {
    topic: "proposals-events",
    service: "git-agent",
    hears: ["proposal.created", "proposal.updated"],
    ackDeadlineSeconds: 120,
  },
  "git-from-clock": { topic: "clock", service: "git-agent", hears: ["clock.tick"], ackDeadlineSeconds: 120 },
  "context-from-git": {
    topic: "git-events",
    service: "context-agent",
    hears: ["git.commit"],
    ordered: true,
    ackDeadlineSeconds: 60,
  },
  "strategy-from-context": {
    topic: "context-updates",
    service: "strategy-agent",
    hears: ["context.update"],
    ordered: true,
    ackDeadlineSeconds: 60,
  },
  "spec-from-git": {
    topic: "git-events",
    service: "spec-agent",
    hears: ["git.commit"],
    ordered: true,
    ackDeadlineSeconds: 60,
  },
  "spec-from-context": {
    topic: "context-updates",
    service: "spec-agent",
    hears: ["context.update"],
    ackDeadlineSeconds: 60,
  },
  "coach-from-context": {
    topic: "context-updates",
    service: "coach-agent",
    hears: ["context.update"],
    ackDeadlineSeconds: 60,
  },
  "coach-from-strategy": {
    topic: "strategy-insights",
    service: "coach-agent",
    hears: ["strategy.insight"],
    ackDeadlineSeconds: 60,
  },
  "coach-from-proposals": {
    topic: "proposals-events",
    service: "coach-agent",
    hears: ["proposal.created"],
    ackDeadlineSeconds: 60,
  },
  "coach-from-clock": { topic: "clock", service: "coach-agent", hears: ["clock.tick"], ackDeadlineSeconds: 60 },
  "ui-from-git": { topic: "git-events", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-context": { topic: "context-updates", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-spec": { topic: "spec-updates", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-strategy": { topic: "strategy-insights", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-proposals": { topic: "proposals-events", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-coach": { topic: "coach-nudges", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-git-dlq": { topic: "git-events-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-context-dlq": { topic: "context-updates-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-spec-dlq": { topic: "spec-updates-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-strategy-dlq": { topic: "strategy-insights-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-proposals-dlq": { topic: "proposals-events-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-coach-dlq": { topic: "coach-nudges-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-clock-dlq": { topic: "clock-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-milestones-dlq": { topic: "milestone-events-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-rewards-dlq": { topic: "rewards-events-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-living-twin-dlq": {
    topic: "living-twin-events-dlq",
    service: "dashboard",
    raw: true,
    ackDeadlineSeconds: 60,
  },
  "ui-from-living-twin-documents-dlq": {
    topic: "living-twin-document-events-dlq",
    service: "dashboard",
    raw: true,
    ackDeadlineSeconds: 60,
  },
  "ui-from-living-twin-queries-dlq": {
    topic: "living-twin-query-events-dlq",
    service: "dashboard",
    raw: true,
    ackDeadlineSeconds: 60,
  },
  "ui-from-living-twin-users-dlq": {
    topic: "living-twin-user-events-dlq",
    service: "dashboard",
    raw: true,
    ackDeadlineSeconds: 60,
  },
  "ui-from-living-twin-system-dlq": {
    topic: "living-twin-system-events-dlq",
    service: "dashboard",
    raw: true,
    ackDeadlineSeconds: 60,
  },
  "ui-from-audit-dlq": { topic: "audit-all-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
} as const satisfies Record<string, SubscriptionSpec>;

export interface ServiceSpec {
  readonly says: readonly EventFamily[];
  /** Brings messages back to the topic where they were said, whoever said them: redrives and replays. Default: false. */
  readonly saysAgain?: boolean;
}

export interface TopicSpec {
  readonly families: { readonly [F in EventFamily]?: { readonly orderedBy?: readonly TextFieldOf<F>[] } };
}

/** The fields that hold text in every version of a family's data. */
type TextFieldOf<F extends EventFamily> = TextField<DataOf<Extract<EventType, `${F}.v${number}`>>>;
type TextField<D> = { readonly [K in keyof D]: D[K] extends string ? K : never }[keyof D] & string;

type Topics = typeof topics;

/** A subscription hears families that its topic carries, or (raw) every message of its topic as it is. */
export type SubscriptionSpec = {
  readonly service: keyof typeof services;
  /** One message of an ordering key at a time, in the order of publication. Default: false. */
  readonly ordered?: boolean;
  /** Pub/Sub: 10-600 s; also the time limit of the push request. */
  readonly ackDeadlineSeconds: number;
} & {
  readonly [T in keyof Topics]:
    | { readonly topic: T; readonly hears: readonly (keyof Topics[T]["families"])[]; readonly raw?: never }
    | { readonly topic: T | `${T}-dlq`; readonly raw: true; readonly hears?: never };
}[keyof Topics];
