import { clockTick } from "./clock.ts";
import { coachNudge } from "./coach.ts";
import { contextUpdate } from "./context.ts";
import type { EventDefinition } from "./define-event.ts";
import type { Envelope } from "./envelope.ts";
import type { FamilyOf } from "./event-type.ts";
import { gitCommit, gitPush } from "./git.ts";
import { proposalCreated, proposalUpdated } from "./proposal.ts";
import { specUpdate } from "./spec.ts";
import { strategyInsight } from "./strategy.ts";

/** Every event that the house can say, by type. */
export const catalogue = {
  "git.push.v1": gitPush,
  "git.commit.v1": gitCommit,
  "context.update.v1": contextUpdate,
  "spec.update.v1": specUpdate,
  "strategy.insight.v1": strategyInsight,
  "proposal.created.v1": proposalCreated,
  "proposal.updated.v1": proposalUpdated,
  "coach.nudge.v1": coachNudge,
  "clock.tick.v1": clockTick,
} as const;

export type EventType = keyof typeof catalogue;
export type EventFamily = FamilyOf<EventType>;
export type DataOf<T extends EventType> = (typeof catalogue)[T] extends EventDefinition<T, infer D> ? D : never;
/** An event as a handler sees it; a union of types narrows by event_type. */
export type EventOf<T extends EventType> = { [K in T]: Envelope<K, DataOf<K>> }[T];
export type AnyEvent = EventOf<EventType>;

/** The definition of an event type; undefined for one that the house does not know. */
export function definitionOf(eventType: string): EventDefinition<EventType, unknown> | undefined {
  return Object.hasOwn(catalogue, eventType)
    ? (catalogue[eventType as EventType] as unknown as EventDefinition<EventType, unknown>)
    : undefined;
}
