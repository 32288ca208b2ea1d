import { isDeepStrictEqual } from "node:util";
import { createEvent, gitPush, type Draft, type EventOf } from "@contextpilot/events";
import { glanceAt, handler, type DocumentRef, type Handler } from "@contextpilot/messaging";
import { branchTips, type BranchTips } from "./branch-tips.ts";
import type { GitAgentConfig } from "./config.ts";
import { laggingBranches, missedPushes, type Lagging, type MissedPush } from "./missed-pushes.ts";
import type { Branches } from "./read-branches.ts";
import { branchesOf } from "./readable-repository.ts";

/** Pushes said at one tick: with the longest names about 500 KiB, as much as one handling may say. */
const PUSHES = 100;
/** Repositories read side by side; one that does not answer in time is left to the next tick, and so is the rest after a minute. */
const AT_ONCE = 4;
const REPOSITORY_LIMIT_MS = 10_000;
const ALL_LIMIT_MS = 60_000;

type Tick = EventOf<"clock.tick.v1">;
type Drafted = Draft<"git.push.v1", EventOf<"git.push.v1">["data"]>;

/**
 * Catches up with pushes that nobody told of, because the house was down or a hook failed: compares where each repository's
 * branches stand with where the last push left them, and says the push in between, as the webhook would have.
 *
 * It acts, though it changes nothing: a decision would hold the pushes of every repository until the slowest one had answered.
 */
export const catchUp = (config: GitAgentConfig): Handler<"clock.tick.v1", "git.push.v1"> =>
  handler("clock.tick.v1", {
    claim: () => "catch up",
    state: () => statesOf(config.repositories()),

    act: async (tick, states, { signal }) => {
      const { read, unread } = await readAll(config, signal);
      const limit = Math.max(1, Math.floor(PUSHES / Math.max(1, read.size)));
      const events: Drafted[] = [];
      const state: Record<`lagging ${string}`, Lagging> = {};
      for (const [name, branches] of read) {
        const tips = states[`tips ${name}`];
        const lagging = states[`lagging ${name}`];
        if (tips === undefined || lagging === undefined) continue; // configured while it read: at the next tick
        const known = { tips, lagging, first: config.repository(name)?.tips };
        const missed = missedPushes(branches, known, Math.min(limit, PUSHES - events.length));
        events.push(...missed.pushes.map((push) => asSaid(tick, name, push)));
        if (!isDeepStrictEqual(missed.lagging, lagging)) state[`lagging ${name}`] = missed.lagging;
      }
      return { events, state, ...(unread.length === 0 ? {} : { note: `not read: ${unread.join("; ")}` }) };
    },
  });

/**
 * The documents of every repository, by what they are and whose. The tips move with every push, and a tick that would be refused for that would never end
 * where much is pushed; what it says by an older tip is read from the newer one.
 */
type StatesByName = {
  [tips: `tips ${string}`]: DocumentRef<BranchTips>;
  [lagging: `lagging ${string}`]: DocumentRef<Lagging>;
};

function statesOf(names: readonly string[]): StatesByName {
  const states: StatesByName = {};
  for (const name of names) {
    states[`tips ${name}`] = glanceAt(branchTips.of(name));
    states[`lagging ${name}`] = laggingBranches.of(name);
  }
  return states;
}

/** One that cannot be read holds up no other: it is looked at again at the next tick. */
async function readAll(config: GitAgentConfig, signal: AbortSignal) {
  const read = new Map<string, Branches>();
  const unread: string[] = [];
  const names = config.repositories().values();
  const end = performance.now() + ALL_LIMIT_MS;
  const readSome = async (): Promise<void> => {
    for (const name of names) {
      const found = performance.now() < end ? config.repository(name) : undefined;
      if (found === undefined) continue;
      try {
        read.set(name, await branchesOf(found, { signal, timeLimitMs: REPOSITORY_LIMIT_MS }));
      } catch (error) {
        signal.throwIfAborted();
        unread.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readSome));
  return { read, unread };
}

/** The same push as the webhook says: who hears both handles one. It begins a chain of its own. */
function asSaid(tick: Tick, repository: string, { again, ...moved }: MissedPush): Drafted {
  const data = { repository, ...moved, forced: false };
  const key = [repository, moved.ref, moved.before, moved.after, ...(again ? [tick.data.minute] : [])];
  const { tenant_id, timestamp, event_id, hops } = tick;
  const correlation_id = createEvent(gitPush(data, { key }), { source: "git-agent", timestamp, tenant_id }).event_id;
  return gitPush(data, { key, cause: { event_id, correlation_id, hops } });
}
