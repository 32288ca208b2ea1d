import { coachNudge, type EventOf } from "@contextpilot/events";
import { collection, handler, type Handler } from "@contextpilot/messaging";
import { resolveTopology, type ResolvedSubscription } from "@contextpilot/topology";
import * as z from "zod";

type Commit = EventOf<"git.commit.v1">;

/** An act's stay in the world: when it began, in milliseconds of the run. */
export interface Stay {
  readonly claim: string;
  readonly event_id: string;
  readonly from: number;
}

/** An act's work in the world, under its claim, for so many milliseconds. */
export type WorkInWorld = (stay: Omit<Stay, "from">, ms: number) => Promise<void>;

export const POISON = "poison";

/** Commits are numbered in their message: `feat: change 7`. */
const numberOf = (commit: Commit): number => Number(/\d+/.exec(commit.data.message)?.[0] ?? 0);

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

/** Counts every commit once: its state is the same in whatever order they come. From the second version on also what was poison. */
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
const touch = (workInWorld: WorkInWorld) =>
  handler("git.commit.v1", {
    claim: ({ data }) => data.repository,
    act: async (commit, _state, { signal }) => {
      const { event_id, data } = commit;
      await workInWorld({ claim: data.repository, event_id }, 500 + 300 * (numberOf(commit) % 10));
      signal.throwIfAborted();
      return { events: [nudge(commit, "worked")] };
    },
  });

/** Agents beside those of the house, whose effects can be counted; each hears every commit. */
export const WITNESSES = {
  tally: (version: 1 | 2): readonly Handler[] => [count(version)],
  keeper: (): readonly Handler[] => [takeSide],
  worker: (_version: 1 | 2, workInWorld: WorkInWorld): readonly Handler[] => [touch(workInWorld)],
} as const;
export type Witness = keyof typeof WITNESSES;

const topology = resolveTopology();
const ofGit = topology.subscriptions.find(({ name }) => name === "context-from-git");
if (ofGit === undefined) throw new TypeError("the topology has no context-from-git");

export type Heard = Omit<ResolvedSubscription, "service"> & { readonly service: string };

/** The subscriptions of witnesses: the tally's comes in order. */
export const HEARD_BY_WITNESSES: readonly Heard[] = [
  { ...ofGit, name: "tally-from-git", service: "tally" },
  { ...ofGit, name: "keeper-from-git", service: "keeper", ordered: false },
  { ...ofGit, name: "worker-from-git", service: "worker", ordered: false },
];

const { filter: _, ...unfiltered } = { ...ofGit, ordered: false };

/** A subscription that only keeps what comes: everything on a topic, for who looks at it afterwards. */
export const keeps = (topic: string): Heard => ({ ...unfiltered, name: `kept-of-${topic}`, topic, service: "letters" });

/** One for each topic of dead letters. */
export const DEAD_LETTERS: readonly Heard[] = topology.topics
  .filter(({ name }) => name.endsWith("-dlq"))
  .map(({ name }) => keeps(name));
