import { PRIORITIES, type Priority } from "@contextpilot/events";
import * as fc from "fast-check";
import type { Nudge } from "./nudge.ts";
import {
  GAP_MS,
  MOST_PENDING,
  paceSchema,
  pacing,
  PENDING_FOR_MS,
  TOLD_FOR_MS,
  wasTold,
  type Candidate,
  type Pace,
} from "./pacing.ts";

const START = Date.parse("2026-03-02T09:00:00Z");
const HOUR = 3_600_000;
const fresh = paceSchema.parse({});

function candidate(finding: string, priority: Priority = "normal"): Candidate {
  const nudge: Nudge = {
    nudge_id: finding,
    rule: "high-impact",
    repository: "shop",
    title: finding,
    why_now: "because",
    next_actions: ["one", "two"],
    eta_minutes: 5,
    priority,
    links: [],
    related_events: [],
  };
  return { findings: [finding], nudge, person: "ada", cause: { event_id: finding, correlation_id: "c", hops: 2 } };
}

/** What is offered, when these come one after the other; undefined where nothing is. */
function offered(...steps: readonly (readonly [at: number, candidate?: Candidate])[]) {
  let pace: Pace = fresh;
  const said = steps.map(([at, candidate]) => {
    const paced = pacing(pace, candidate, new Date(START + at));
    // Through JSON, as a store keeps it.
    pace = paceSchema.parse(JSON.parse(JSON.stringify(paced.pace)));
    return paced.offer?.nudge.nudge_id;
  });
  return { said, pace };
}

test("the first nudge is offered at once", () => {
  expect(offered([0, candidate("a")]).said).toEqual(["a"]);
});

test("a second one waits until 30 minutes have gone by", () => {
  expect(offered([0, candidate("a")], [HOUR / 4, candidate("b")], [GAP_MS - 1], [GAP_MS]).said).toEqual([
    "a",
    undefined,
    undefined,
    "b",
  ]);
});

test("the most urgent comes first, of equals the one that has waited", () => {
  const { said } = offered(
    [0, candidate("a")],
    [1, candidate("b")],
    [2, candidate("c", "high")],
    [HOUR, candidate("d", "high")],
    [2 * HOUR],
    [3 * HOUR],
  );
  expect(said).toEqual(["a", undefined, undefined, "c", "d", "b"]);
});

test("three wait at most: a fourth takes the place of one less urgent, an equal one does not", () => {
  const waiting = (fourth: Candidate) =>
    offered(
      [0, candidate("a")],
      [1, candidate("b", "low")],
      [2, candidate("c")],
      [3, candidate("d", "low")],
      [4, fourth],
    ).pace.pending.map(({ nudge }) => nudge.nudge_id);
  expect(waiting(candidate("e", "low"))).toEqual(["c", "b", "d"]);
  expect(waiting(candidate("e", "high"))).toEqual(["e", "c", "b"]);
});

test("what has waited for a day lapses", () => {
  expect(offered([0, candidate("a")], [1, candidate("b")], [PENDING_FOR_MS + 1]).said).toEqual([
    "a",
    undefined,
    undefined,
  ]);
});

test("the same finding is told once a week", () => {
  const again = candidate("a");
  expect(offered([0, again], [HOUR, again], [TOLD_FOR_MS - 1, again], [TOLD_FOR_MS, again]).said).toEqual([
    "a",
    undefined,
    undefined,
    "a",
  ]);
});

test("a finding that comes again while it waits takes the place of its older telling", () => {
  const newer = { ...candidate("b"), nudge: { ...candidate("b").nudge, nudge_id: "b2" } };
  expect(offered([0, candidate("a")], [1, candidate("b")], [2, newer], [HOUR], [2 * HOUR]).said).toEqual([
    "a",
    undefined,
    undefined,
    "b2",
    undefined,
  ]);
});

test("what a nudge mentions beside its own finding counts as told", () => {
  const both = { ...candidate("a"), findings: ["a", "b"] };
  expect(offered([0, both], [HOUR, candidate("b")]).said).toEqual(["a", undefined]);
});

test("a clock that goes back gives no nudge early", () => {
  expect(offered([HOUR, candidate("a")], [0, candidate("b")]).said).toEqual(["a", undefined]);
});

test("whatever comes and when: the gap, the three, the week and a bounded memory hold", () => {
  const step = fc.tuple(
    fc.nat(12 * HOUR),
    fc.option(fc.tuple(fc.nat(8), fc.constantFrom(...PRIORITIES)), { nil: undefined }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let pace: Pace = fresh;
      let now = START;
      const said: { id: string; at: number }[] = [];
      for (const [wait, found] of steps) {
        now += wait;
        const paced = pacing(pace, found && candidate(String(found[0]), found[1]), new Date(now));
        pace = paced.pace;
        expect(pace.pending.length).toBeLessThanOrEqual(MOST_PENDING);
        expect(pace.told.length).toBeLessThanOrEqual(8 + 1);
        if (paced.offer === undefined) continue;
        const id = paced.offer.nudge.nudge_id;
        for (const before of said) {
          expect(now - before.at).toBeGreaterThanOrEqual(before.id === id ? TOLD_FOR_MS : GAP_MS);
        }
        said.push({ id, at: now });
        expect(wasTold(pace, id, new Date(now))).toBe(true);
      }
    }),
  );
});
