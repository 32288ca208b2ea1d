import { coachNudge } from "./coach.ts";
import { createEvent, type Origin } from "./create-event.ts";
import type { DraftOptions } from "./define-event.ts";

const NUDGE = {
  nudge_id: "n1",
  rule: "high-impact",
  repository: "shop",
  title: "Look at it again",
  why_now: "It is large",
  next_actions: ["git show", "npm test"],
  eta_minutes: 5,
  priority: "normal",
  links: [],
  related_events: ["e0"],
} as const;
const origin: Origin = { source: "coach-agent", timestamp: "2026-03-02T10:00:00.000Z" };
const nudge = (options?: DraftOptions) =>
  coachNudge({ ...NUDGE, next_actions: [...NUDGE.next_actions], links: [], related_events: ["e0"] }, options);
const idOf = (options: DraftOptions, from: Partial<Origin> = {}): string =>
  createEvent(nudge(options), { ...origin, ...from }).event_id;

test("a thousand events that nothing caused have a thousand ids", () => {
  const ids = Array.from({ length: 1000 }, () => idOf({}));
  expect(new Set(ids).size).toBe(1000);
});

test("an event begins its own chain, unless it stands in one", () => {
  const first = createEvent(nudge(), { ...origin, event_id: "e1" });
  expect(first).toMatchObject({ event_id: "e1", tenant_id: "default", correlation_id: "e1", hops: 0 });
  expect(first).not.toHaveProperty("parent_event_id");

  const chain = { tenant_id: "acme", correlation_id: "c1", parent_event_id: "e1", hops: 3, trace_id: "t1" };
  expect(createEvent(nudge(), { ...origin, ...chain, event_id: "e2" })).toMatchObject({ event_id: "e2", ...chain });
});

test("the natural key itself does not travel, the draft's other options do", () => {
  const event = createEvent(
    nudge({ key: ["n1"], user_id: "u1", priority: "high", ttl_seconds: 60, max_retries: 2 }),
    origin,
  );
  expect(event).toMatchObject({ user_id: "u1", priority: "high", ttl_seconds: 60, max_retries: 2 });
  expect(event).not.toHaveProperty("key");
});

describe("a natural key", () => {
  const id = idOf({ key: ["shop", "abc"] });

  test("names the same event whoever says it, when, and with which cause", () => {
    expect(idOf({ key: ["shop", "abc"] }, { source: "other", timestamp: "2027-01-01T00:00:00Z" })).toBe(id);
    expect(idOf({ key: ["shop", "abc"], priority: "high" }, { event_id: "e9", hops: 4, correlation_id: "c" })).toBe(id);
  });

  test.each<[string, DraftOptions, Partial<Origin>]>([
    ["key", { key: ["shop", "abd"] }, {}],
    ["division of its parts", { key: ["shopabc"] }, {}],
    ["order of its parts", { key: ["abc", "shop"] }, {}],
    ["tenant", { key: ["shop", "abc"] }, { tenant_id: "acme" }],
    ["replay generation", { key: ["shop", "abc"] }, { replay_generation: "g1" }],
  ])("names another event for another %s", (_what, options, from) => {
    expect(idOf(options, from)).not.toBe(id);
  });

  test("does not take a replay generation for a part of itself", () => {
    expect(idOf({ key: ["shop"] }, { replay_generation: "abc" })).not.toBe(id);
  });
});

test("what was said cannot be changed, its metadata included", () => {
  const seen = ["a"];
  const event = createEvent(nudge({ metadata: Object.freeze({ seen }) }), origin);
  expect(() => Object.assign(event, { hops: 9 })).toThrow(TypeError);
  expect(() => event.data.next_actions.push("more")).toThrow(TypeError);
  expect(() => seen.push("b")).toThrow(TypeError);
});
