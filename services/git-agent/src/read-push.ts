import { gitCommit, gitPush, type DataOf, type EventOf } from "@contextpilot/events";
import { MAX_SAID_BYTES, handler, type Handler } from "@contextpilot/messaging";
import { branchTips, movedTo, otherTips, type BranchTips } from "./branch-tips.ts";
import type { GitAgentConfig } from "./config.ts";
import { asMessageError } from "./as-message-error.ts";
import { isZeroHash } from "./object-hash.ts";
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
  readonly knownTips: readonly string[];
  /** By commit, the proposal whose change it carries. */
  readonly proposals: ReadonlyMap<string, string>;
};

/** As many as a push's cursor carries. */
const MAX_KNOWN_TIPS = 2000;

/** Reads what a push brought to a branch and says each commit, a slice at a time. */
export const readPush = (config: GitAgentConfig): Handler<"git.push.v1", "git.commit.v1"> =>
  handler("git.push.v1", {
    state: ({ data }) => ({
      tips: branchTips.of(data.repository),
      patches: proposedPatches.of(data.repository),
    }),

    read: async (push, { tips, patches }, { signal }): Promise<Facts> => {
      const { repository, ref, before, after } = push.data;
      const isImport = push.data.origin === "import";
      const found = config.repository(repository);
      if (found === undefined) return { unread: `repository ${repository} is not configured here` };
      if (!ref.startsWith("refs/heads/")) return { unread: `${ref} is no branch` };
      if (isZeroHash(after)) return { unread: `${ref} was deleted` };
      // Two pushes that the house heard of, and a tick that saw only where they ended: the third has nothing left to say.
      if (push.data.cursor === undefined && !isImport && tips.branches[ref] === after) {
        return { unread: `${ref} stood there already` };
      }
      const knownTips = knownTipsOf(push, tips, found);
      const slice = {
        offset: push.data.cursor?.offset ?? 0,
        room: roomFor(push, knownTips),
        documents: !isImport,
      };
      try {
        return await useRepository(found, { before, after, knownTips }, signal, async (place) => {
          const read = await readSlice(place, { ref, before, after, knownTips }, slice, config.authorKey);
          return { ...read, knownTips, proposals: await proposalsIn(place, read, patches) };
        });
      } catch (error) {
        throw asMessageError(error, repository);
      }
    },

    decide: (push, { tips, patches }, facts) => {
      const { repository, ref, after, cursor, origin = "push" } = push.data;
      if ("unread" in facts) {
        const deleted = origin === "push" && ref.startsWith("refs/heads/") && isZeroHash(after);
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
      // The branch stands at `after` from its first slice on: what it reaches is this branch's to say. An import moves nothing.
      const moves = cursor === undefined && origin === "push";
      const state = {
        ...(moves ? { tips: movedTo(tips, ref, after) } : {}),
        ...(facts.proposals.size > 0 ? { patches: withCommits(patches, facts.proposals) } : {}),
      };
      return { events, state, ...goOn(push, facts) };
    },
  });

/** Whose change each commit carries, where it is an agent's: by the patch itself. */
function proposalsIn(place: Repository, { commits }: ReadSlice, patches: ProposedPatches) {
  const changed = commits.map(({ facts }) => facts);
  return patchIdsOf(place, mayBeProposed(patches, changed)).then((ids) => madeFromProposals(patches, changed, ids));
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

function goOn(push: Push, { nextOffset, knownTips }: KnownSlice) {
  if (nextOffset === undefined) return {};
  const { repository, ref, before, after, origin } = push.data;
  const key = [repository, ref, before, after, ...(origin === "import" ? [origin] : []), String(nextOffset)];
  return { continuation: gitPush(restOf(push, knownTips, nextOffset), { key }) };
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
