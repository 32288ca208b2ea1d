import { contextUpdate, type EventOf } from "@contextpilot/events";
import {
  MemoryStore,
  collection,
  createReceiver,
  handler,
  handlersOf,
  type Outcome,
  type Publisher,
  type Receiver,
  type Store,
} from "@contextpilot/messaging";
import * as z from "zod";

/** What a delivery that ended so is called in a table: `handled`, why it was skipped, or its error's code. */
export function endOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case "handled":
      return outcome.duplicate ? "duplicate" : "handled";
    case "taken":
      return "taken";
    case "skipped":
      return outcome.reason;
    case "dead-lettered":
      return outcome.error.code;
    case "retry":
      return `retry: ${outcome.error.message}`;
  }
}

const branches = collection("branches", z.object({ last_message: z.string().default("") }));

/** An agent that handles git.commit.v1 with state, and says a context.update.v1 of it; for tests of what reaches it. */
export interface CommitAgent {
  readonly receiver: Pick<Receiver, "receive" | "setAside">;
  readonly handled: readonly EventOf<"git.commit.v1">[];
  /** Commits of its store that went well, but for those that note that an event was left out. */
  readonly commits: () => number;
}

/** `remember: false` keeps no event in `handled`: for many. Default store: in memory. */
export function commitAgent(
  publisher: Publisher,
  { store = new MemoryStore(), remember = true }: { readonly store?: Store; readonly remember?: boolean } = {},
): CommitAgent {
  const handled: EventOf<"git.commit.v1">[] = [];
  let commits = 0;
  const counting: Store = {
    read: (keys) => store.read(keys),
    commit: async (unit) => {
      await store.commit(unit);
      if ((unit.create?.value as { skipped?: string } | undefined)?.skipped === undefined) commits += 1;
    },
    due: (now, limit) => store.due(now, limit),
  };
  const measure = handler("git.commit.v1", {
    state: ({ data }) => ({ branch: branches.of(data.repository, data.branch) }),
    decide: (commit) => {
      if (remember) handled.push(commit);
      const { repository, branch, commit_hash, files_changed, lines_added, lines_removed } = commit.data;
      const subject = commit.data.message.slice(0, 100);
      const measured = { change_type: "fix", impact_score: 1, lines_added, lines_removed, files_changed } as const;
      const read = contextUpdate.read({ repository, branch, commit_hash, subject, ...measured });
      if (!read.ok) throw new TypeError(`${read.path}: ${read.problem}`);
      return { events: [contextUpdate(read.value)], state: { branch: { last_message: subject } } };
    },
  });
  const receiver = createReceiver({
    service: "context-agent",
    handlers: handlersOf("context-agent", { "git.commit.v1": measure }),
    store: counting,
    publisher,
  });
  return { receiver, handled, commits: () => commits };
}
