import type { DataOf, EventFamily, EventType } from "@contextpilot/events";

/** Who takes part: the services that stand, and the event families that each may say. */
export const services = {
  webhook: { says: ["git.push"] },
  "git-agent": { says: ["git.push", "git.commit"] },
  "context-agent": { says: ["context.update"] },
  "strategy-agent": { says: ["strategy.insight", "proposal.created"] },
  "spec-agent": { says: ["proposal.created", "proposal.updated"] },
  "coach-agent": { says: ["coach.nudge"] },
  dashboard: { says: [] },
  /** Cloud Scheduler; a timer where the house is embedded. */
  clock: { says: ["clock.tick"] },
} as const satisfies Record<string, ServiceSpec>;

/** Where each event family goes, and the fields of its data that make its ordering key. */
export const topics = {
  "git-events": {
    families: { "git.push": { orderedBy: ["repository"] }, "git.commit": { orderedBy: ["repository", "branch"] } },
  },
  "context-updates": { families: { "context.update": { orderedBy: ["repository"] } } },
  "strategy-insights": { families: { "strategy.insight": {} } },
  "proposals-events": { families: { "proposal.created": {}, "proposal.updated": {} } },
  "coach-nudges": { families: { "coach.nudge": {} } },
  clock: { families: { "clock.tick": {} } },
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
  "coach-from-context": {
    topic: "context-updates",
    service: "coach-agent",
    hears: ["context.update"],
    ackDeadlineSeconds: 60,
  },
  "coach-from-clock": { topic: "clock", service: "coach-agent", hears: ["clock.tick"], ackDeadlineSeconds: 60 },
  "ui-from-git": { topic: "git-events", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-context": { topic: "context-updates", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-strategy": { topic: "strategy-insights", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-proposals": { topic: "proposals-events", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-coach": { topic: "coach-nudges", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-git-dlq": { topic: "git-events-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-context-dlq": { topic: "context-updates-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-strategy-dlq": { topic: "strategy-insights-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-proposals-dlq": { topic: "proposals-events-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-coach-dlq": { topic: "coach-nudges-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-clock-dlq": { topic: "clock-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
  "ui-from-audit-dlq": { topic: "audit-all-dlq", service: "dashboard", raw: true, ackDeadlineSeconds: 60 },
} as const satisfies Record<string, SubscriptionSpec>;

export interface ServiceSpec {
  readonly says: readonly EventFamily[];
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
