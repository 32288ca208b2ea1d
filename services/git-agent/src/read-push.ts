import { gitCommit, gitPush, type DataOf, type EventOf } from "@contextpilot/events";
import { MAX_SAID_BYTES, handler, type Handler } from "@contextpilot/messaging";
import { branchTips, caughtUpTo, movedTo, otherTips, wentOn, type BranchTips } from "./branch-tips.ts";
import type { GitAgentConfig } from "./config.ts";
import { asMessageError } from "./as-message-error.ts";
import { isZeroHash } from "./object-hash.ts";
import { placePush, type PlacedPush, type PushPlace } from "./place-push.ts";
import { patchIdsOf } from "./patch-ids.ts";
import {
  madeFromProposals,
  mayBeProposed,
  proposedPatches,
  withCommits,
  type ProposedPatches,
} from "./proposed-patches.ts";
import { useRepository, type ReadableRepository } from "./readable-repository.ts";
import { readSlice, type ReadSlice, type SliceRoom } from "./read-slice.ts";
import type { Repository } from "./run-git.ts";

type Push = EventOf<"git.push.v1">;

/** What reading the repository gave: commits, or the reason why there are none to read. */
type Facts = KnownSlice | { readonly unread: string };
type KnownSlice = ReadSlice & {
  readonly place: PushPlace;
  /** Where the branch was before these commits: further back than the push says, where some were not told of. */
  readonly before: string;
  readonly knownTips: readonly string[];
  /** By commit, the proposal whose change it carries. */
  readonly proposals: ReadonlyMap<string, string>;
};

/** What was not told of may be what cannot be read: it does not keep the pushes that come later. */
const TRIES_WITH_MISSED = 2;

/** The first has moved the branch. */
const LATER_SLICE: PlacedPush = { place: "behind" };

/** As many as a push's cursor carries. */
const MAX_KNOWN_TIPS = 2000;

/** Reads what a push brought to a branch and says each commit, a slice at a time. */
export const readPush = (config: GitAgentConfig): Handler<"git.push.v1", "git.commit.v1"> =>
  handler("git.push.v1", {
    state: ({ data }) => ({
      tips: branchTips.of(data.repository),
      patches: proposedPatches.of(data.repository),
    }),

    read: async (heard, { tips, patches }, { signal, retryCount }): Promise<Facts> => {
      const push = goingOn(heard, tips);
      const { repository, ref, before, after } = push.data;
      const isImport = push.data.origin === "import";
      const found = config.repository(repository);
      if (found === undefined) return { unread: `repository ${repository} is not configured here` };
      if (!ref.startsWith("refs/heads/")) return { unread: `${ref} is no branch` };
      if (isZeroHash(after)) return { unread: `${ref} was deleted` };
      // Two pushes that the house heard of, and a tick that saw only where they ended: the third has nothing left to say.
      if (isFirstSlice(push) && tips.branches[ref] === after) return { unread: `${ref} stood there already` };
      const leftAt = isCatchUp(heard) ? heard.data.before : undefined;
      const known = { tip: tips.branches[ref], caughtUp: tips.caughtUp?.[ref], leftAt };
      const knownTips = knownTipsOf(push, tips, found);
      const slice = {
        offset: push.data.cursor?.offset ?? 0,
        room: roomFor(push, knownTips),
        documents: !isImport,
      };
      try {
        return await useRepository(found, { before, after, knownTips }, signal, async (folder) => {
          const placed = isFirstSlice(push) ? await placePush(folder, push.data, known) : LATER_SLICE;
          if (placed.place === "told") return { unread: `${ref} was caught up with to there` };
          const from = retryCount < TRIES_WITH_MISSED ? (placed.missedFrom ?? before) : before;
          const read = await readSlice(folder, { ref, before: from, after, knownTips }, slice, config.authorKey);
          const proposals = await proposalsIn(folder, read, patches);
          return { ...read, place: placed.place, before: from, knownTips, proposals };
        });
      } catch (error) {
        throw asMessageError(error, repository);
      }
    },

    decide: (push, { tips, patches }, facts) => {
      const { repository, ref, after, origin = "push" } = push.data;
      if ("unread" in facts) {
        const deleted = isFirstSlice(push) && ref.startsWith("refs/heads/") && isZeroHash(after);
        return { events: [], note: facts.unread, ...(deleted ? { state: { tips: movedTo(tips, ref, after) } } : {}) };
      }
      const events = facts.commits.map(({ facts: commit, newToRepository, documents }) =>
        gitCommit(
          {
            ...commit,
            repository,
            branch: ref.slice("refs/heads/".length),
            forced: facts.forced,
            origin,
            new_to_repository: newToRepository,
            default_branch: facts.defaultBranch,
            ...(documents && { documents: [...documents] }),
            ...proposalOf(commit.commit_hash, facts),
          },
          { key: [repository, ref, commit.commit_hash], user_id: commit.author_id },
        ),
      );
      // The branch stands at `after` from its first slice on: what it reaches is this branch's to say.
      const { before } = facts;
      const caughtUp = isCatchUp(push) || before !== push.data.before;
      const state = {
        ...(facts.place === "next" ? { tips: (caughtUp ? caughtUpTo : wentOn)(tips, ref, { before, after }) } : {}),
        ...(facts.proposals.size > 0 ? { patches: withCommits(patches, facts.proposals) } : {}),
      };
      return { events, state, ...goOn(push, facts) };
    },
  });

/** Its first slice moves the branch; the others, and an import, move nothing. */
const isFirstSlice = ({ data }: Push): boolean => data.cursor === undefined && data.origin !== "import";

/** A tick tells of a branch as a whole: pushes that waited on the bus meanwhile have said the beginning. */
const isCatchUp = (push: Push): boolean => push.source === "git-agent" && isFirstSlice(push);

function goingOn(push: Push, { branches }: BranchTips): Push {
  const tip = branches[push.data.ref];
  return tip === undefined || !isCatchUp(push) ? push : { ...push, data: { ...push.data, before: tip } };
}

/** Whose change each commit carries, where it is an agent's: by the patch itself. */
function proposalsIn(folder: Repository, { commits }: ReadSlice, patches: ProposedPatches) {
  const changed = commits.map(({ facts }) => facts);
  return patchIdsOf(folder, mayBeProposed(patches, changed)).then((ids) => madeFromProposals(patches, changed, ids));
}

function proposalOf(hash: string, { proposals }: KnownSlice): { proposal_id?: string } {
  const proposal_id = proposals.get(hash);
  return proposal_id === undefined ? {} : { proposal_id };
}

/**
 * The other branches' tips as the first slice saw them, so that each slice cuts the same list; and those from before all pushes. An
 * import brings just what those reach: nothing of it is known.
 */
function knownTipsOf(push: Push, tips: BranchTips, { tips: first = [] }: ReadableRepository): readonly string[] {
  if (push.data.origin === "import") return [];
  if (push.data.cursor !== undefined) return push.data.cursor.known_tips;
  return [...new Set([...otherTips(tips, push.data.ref), ...first])].slice(0, MAX_KNOWN_TIPS);
}

function goOn(push: Push, { nextOffset, knownTips, before }: KnownSlice) {
  if (nextOffset === undefined) return {};
  const { repository, ref, after, origin } = push.data;
  const key = [repository, ref, before, after, ...(origin === "import" ? [origin] : []), String(nextOffset)];
  return { continuation: gitPush({ ...restOf(push, knownTips, nextOffset), before }, { key }) };
}

/** The push from an offset on. Named field by field: what this reader does not know of a push, its writer refuses to say. */
function restOf(push: Push, knownTips: readonly string[], offset: number): DataOf<"git.push.v1"> {
  const { repository, ref, before, after, forced, origin } = push.data;
  return {
    repository,
    ref,
    before,
    after,
    forced,
    ...(origin && { origin }),
    cursor: { offset, known_tips: [...knownTips] },
  };
}

/** What an envelope says beside what it inherits of the push's. */
const ENVELOPE_BYTES = 512;

/** A slice's share of what one handling may say: the rest is the continuation's, which repeats the push with its cursor. */
function roomFor(push: Push, knownTips: readonly string[]): SliceRoom {
  const { repository, ref } = push.data;
  const envelope = jsonBytes({ ...push, data: {}, metadata: {} }) + ENVELOPE_BYTES;
  return {
    bytes: MAX_SAID_BYTES - envelope - jsonBytes(restOf(push, knownTips, Number.MAX_SAFE_INTEGER)),
    perCommit: envelope + jsonBytes({ repository, ref }),
  };
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
