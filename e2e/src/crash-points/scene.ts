import { coachNudge, createEvent, gitCommit, type EventOf } from "@contextpilot/events";
import { collection, handler, onTick, type Handler } from "@contextpilot/messaging";
import { resolveTopology } from "@contextpilot/topology";
import * as z from "zod";

type Commit = EventOf<"git.commit.v1">;

const commit = (message: string) => {
  const data = { repository: "shop", branch: "main", commit_hash: message, author_id: "ada", message };
  const read = gitCommit.read({
    ...data,
    files_changed: [],
    changes: [],
    files_total: 0,
    lines_added: 0,
    lines_removed: 0,
    default_branch: true,
    documents: [],
  });
  if (!read.ok) throw new TypeError(`${read.path}: ${read.problem}`);
  const named = { key: ["shop", "main", message] };
  return createEvent(gitCommit(read.value, named), { source: "git-agent", timestamp: "2026-03-02T09:00:00.000Z" });
};

/** What is said at first: a change like others, one that can never be worked on, one about which there is much to say. */
export const COMMITS = [commit("plain"), commit("poison"), commit("large")];

const nudge = (title: string, links: readonly string[] = []) =>
  coachNudge({
    nudge_id: title,
    rule: "crash",
    repository: "shop",
    title,
    why_now: "A crash shall not lose it.",
    next_actions: ["Look at it", "Count again"],
    eta_minutes: 5,
    priority: "low",
    links: [...links],
    related_events: [],
  });

const tallies = collection("tallies", z.object({ counted: z.array(z.string()).default([]) }));
const alarms = collection("alarms", z.object({ due: z.string().optional() }), { dueAt: ({ due }) => due });
/** More than an event carries itself. */
const MUCH = "x".repeat(300_000);

/** Counts every commit, and asks to be woken for each. */
const count = handler("git.commit.v1", {
  state: ({ data }: Commit) => ({ tally: tallies.of(data.repository), alarm: alarms.of(data.message) }),
  decide: ({ data: { message } }, { tally: { counted } }, { now }) => ({
    events: [nudge(`counted ${message}`, message === "large" ? [MUCH] : [])],
    state: { tally: { counted: [...counted, message] }, alarm: { due: now.toISOString() } },
  }),
});
const wake = onTick(alarms, ({ due }) => ({ events: due === undefined ? [] : [nudge(`woken ${due}`)], value: {} }));

/** Touches the world, one at a time; of the poison it never can. */
const work = (actMs: number) =>
  handler("git.commit.v1", {
    claim: ({ data }) => data.repository,
    act: async ({ data: { message } }) => {
      await new Promise((resolve) => void setTimeout(resolve, actMs));
      if (message === "poison") throw new Error("cannot work on this");
      return { events: [nudge(`worked ${message}`)] };
    },
  });

/** Counts what the others said: its second effect would show. */
const listen = handler("coach.nudge.v1", {
  state: () => ({ tally: tallies.of("all") }),
  decide: ({ data: { title } }, { tally: { counted } }) => ({
    events: [],
    state: { tally: { counted: [...counted, title] } },
  }),
});

/** The smallest house with every step in it. */
export const agentsOf = (actMs: number): Readonly<Record<string, readonly Handler[]>> => ({
  counter: [count, wake],
  worker: [work(actMs)],
  listener: [listen],
});

const { topics, subscriptions } = resolveTopology();
const some = subscriptions.find(({ name }) => name === "context-from-git");
if (some === undefined) throw new TypeError("the topology has no context-from-git");
const { filter: _, deadLetter: __, ...plain } = { ...some, ordered: false };
const from = (topic: string, name: string) => ({ ...plain, topic, name });

/** Who hears what. */
export const HEARD: readonly (Omit<typeof plain, "service"> & { readonly service: string })[] = [
  { ...from("git-events", "counter-from-git"), service: "counter" },
  { ...from("clock", "counter-from-clock"), service: "counter" },
  { ...from("git-events", "worker-from-git"), service: "worker" },
  { ...from("coach-nudges", "listener-from-coach"), service: "listener" },
];

export const SERVICES: readonly string[] = [...new Set(HEARD.map(({ service }) => service))];

/** What the bus keeps for the one who looks at it afterwards. */
export const KEPT = { said: from("coach-nudges", "said"), letters: from("audit-all-dlq", "letters") };

export const TOPOLOGY = { topics, subscriptions: [...HEARD, ...Object.values(KEPT)] };
