import type { Envelope } from "@contextpilot/events";
import { resolveTopology } from "@contextpilot/topology";
import type { ChainStep } from "./follow-chain.ts";
import { hasNudge, isOver } from "./is-over.ts";

const event = (event_id: string, event_type: string, source: string, parent?: string): ChainStep => ({
  kind: "event",
  event: {
    event_id,
    event_type,
    source,
    timestamp: "2026-03-02T10:00:00.000Z",
    data: {},
    tenant_id: "default",
    correlation_id: "push",
    hops: 0,
    ...(parent === undefined ? {} : { parent_event_id: parent }),
  } satisfies Envelope,
  atMs: 1,
});
const silence = (service: string, eventId: string, final = true): ChainStep => ({
  kind: "silence",
  service,
  eventType: "context.update.v1",
  eventId,
  why: "nothing to say",
  final,
  atMs: 1,
});

/** Others that hear a topic, with nothing to say of its event. */
const bystanders = (topic: string, eventId: string, acting: readonly string[]): readonly ChainStep[] =>
  resolveTopology()
    .subscriptions.filter((each) => each.topic === topic && !each.raw && !acting.includes(each.service))
    .map(({ service }) => silence(service, eventId));

const measured = [
  event("push", "git.push.v1", "webhook"),
  event("commit", "git.commit.v1", "git-agent", "push"),
  event("update", "context.update.v1", "context-agent", "commit"),
  ...bystanders("git-events", "commit", ["git-agent", "context-agent"]),
  ...bystanders("context-updates", "update", ["strategy-agent", "coach-agent"]),
];

test("a chain with its nudge is over when everyone else is done", () => {
  const nudged = [...measured, event("nudge", "coach.nudge.v1", "coach-agent", "update")];
  expect(hasNudge(measured)).toBe(false);
  expect(hasNudge(nudged)).toBe(true);
  expect(isOver(nudged)).toBe(false);
  expect(isOver([...nudged, silence("strategy-agent", "update")])).toBe(true);
});

test("one silent agent does not end a chain that another may go on with", () => {
  expect(isOver([...measured, silence("strategy-agent", "update")])).toBe(false);
  expect(isOver([...measured, silence("strategy-agent", "update"), silence("coach-agent", "update")])).toBe(true);
});

test("who will try again is not done, and what was not seen is not over", () => {
  expect(isOver([...measured, silence("strategy-agent", "update"), silence("coach-agent", "update", false)])).toBe(
    false,
  );
  expect(isOver([])).toBe(false);
  expect(isOver(measured)).toBe(false);
});

test("an agent that said something is done with what it heard", () => {
  const insight = event("insight", "strategy.insight.v1", "strategy-agent", "update");
  expect(isOver([...measured, insight])).toBe(false);
  const coach = [silence("coach-agent", "update"), silence("coach-agent", "insight")];
  expect(isOver([...measured, insight, ...coach])).toBe(true);
});
