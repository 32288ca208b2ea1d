import { handlers as coach } from "@contextpilot/coach-agent";
import { handlers as context } from "@contextpilot/context-agent";
import { coachNudge, type EventOf } from "@contextpilot/events";
import { collection, handler, type Handler } from "@contextpilot/messaging";
import { handlers as spec } from "@contextpilot/spec-agent";
import { handlers as strategy } from "@contextpilot/strategy-agent";
import { z } from "zod";
import { simulatedTime } from "./simulated-time.ts";

type Commit = EventOf<"git.commit.v1">;

/** An act's stay in the world: when it began, in milliseconds of the run. */
export interface Stay {
  readonly claim: string;
  readonly event_id: string;
  readonly from: number;
}

/** How an agent's processes handle events, by the version that runs: from the second on the tally can count what was poison. */
export type HandlersOfVersion = (version: 1 | 2, onAct: (stay: Stay) => void) => readonly Handler[];

export const POISON = "poison";

/** Commits are numbered in their message: `feat: change 7`. */
export const numberOf = (commit: Commit): number => Number(/\d+/.exec(commit.data.message)?.[0] ?? 0);

const words = {
  rule: "simulated",
  why_now: "A simulation counts it.",
  next_actions: ["Look at it", "Count again"],
  eta_minutes: 5,
  priority: "low",
} as const;

/** What it says has no natural key: its id follows from its parent. */
const nudge = (commit: Commit, title: string) =>
  coachNudge({
    ...words,
    next_actions: [...words.next_actions],
    nudge_id: `${title} ${commit.event_id}`.slice(0, 128),
    title,
    repository: commit.data.repository,
    links: [],
    related_events: [],
  });

export const tallies = collection("tallies", z.object({ counted: z.array(z.string()).default([]) }));

/** Counts every commit once: its state is the same in whatever order they come. */
const count = (version: 1 | 2) =>
  handler("git.commit.v1", {
    state: ({ data }) => ({ tally: tallies.of(data.repository) }),
    decide: (commit, { tally: { counted } }) => {
      if (version === 1 && commit.data.message.includes(POISON)) throw new Error("cannot count this yet");
      return { events: [nudge(commit, "counted")], state: { tally: { counted: [...counted, commit.event_id] } } };
    },
  });

export const sides = collection("sides", z.object({ by: z.string().optional() }));

/** Of two commits that belong together, only one may take its side: the other side is read, and not written. */
const takeSide = handler("git.commit.v1", {
  state: (commit) => {
    const pair = String(Math.floor(numberOf(commit) / 2));
    return { left: sides.of(pair, "left"), right: sides.of(pair, "right") };
  },
  decide: (commit, { left, right }) => {
    const by = commit.event_id;
    if (left.by !== undefined || right.by !== undefined) return { events: [], note: "the other was first" };
    return { events: [], state: numberOf(commit) % 2 === 0 ? { left: { by } } : { right: { by } } };
  },
});

/** Touches the world for each commit, one at a time in a repository. */
const touchWorld = (onAct: (stay: Stay) => void) =>
  handler("git.commit.v1", {
    claim: ({ data }) => data.repository,
    act: async (commit, _state, { signal }) => {
      onAct({ claim: commit.data.repository, event_id: commit.event_id, from: simulatedTime.elapsed() });
      await simulatedTime.sleep(500 + 300 * (numberOf(commit) % 10));
      signal.throwIfAborted();
      return { events: [nudge(commit, "worked")] };
    },
  });

const always =
  (handlers: Readonly<Record<string, Handler>>): HandlersOfVersion =>
  () =>
    Object.values(handlers);

/** The agents of the house as they are, and three of our own whose effects can be counted; these hear every commit. */
export const AGENTS: Readonly<Record<string, HandlersOfVersion>> = {
  "context-agent": always(context),
  "strategy-agent": always(strategy),
  "spec-agent": always(spec),
  "coach-agent": always(coach),
  tally: (version) => [count(version)],
  keeper: () => [takeSide],
  worker: (_version, onAct) => [touchWorld(onAct)],
};
