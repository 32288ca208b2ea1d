import { collection } from "@contextpilot/messaging";
import * as z from "zod";

/** Proposals with a patch, and commits made from one, that are remembered of a repository: the newest. */
const REMEMBERED = 200;

const proposal = z.object({
  proposal_id: z.string(),
  revision: z.int(),
  /** The paths that its patch changes. */
  files: z.array(z.string()),
  patch_id: z.string(),
});
const schema = z.object({
  proposals: z.array(proposal).default([]),
  commits: z.array(z.object({ commit_hash: z.string(), proposal_id: z.string() })).default([]),
});

/** What agents proposed for a repository, and the commits that carry it: both the oldest first. */
export type ProposedPatches = z.output<typeof schema>;
export type ProposedPatch = z.output<typeof proposal>;

export const proposedPatches = collection("patches", schema);

/** With a proposal's latest patch; an older revision that comes late changes nothing. */
export function withPatch(known: ProposedPatches, patch: ProposedPatch): ProposedPatches {
  const { proposal_id, revision } = patch;
  if (known.proposals.some((each) => each.proposal_id === proposal_id && each.revision >= revision)) return known;
  const others = known.proposals.filter((each) => each.proposal_id !== proposal_id);
  return { ...known, proposals: [...others, patch].slice(-REMEMBERED) };
}

/** With commits that were found to be a proposal's, so that they are known on another branch too. */
export function withCommits(known: ProposedPatches, made: ReadonlyMap<string, string>): ProposedPatches {
  const fresh = [...made].filter(([hash]) => !known.commits.some(({ commit_hash }) => commit_hash === hash));
  if (fresh.length === 0) return known;
  const commits = fresh.map(([commit_hash, proposal_id]) => ({ commit_hash, proposal_id }));
  return { ...known, commits: [...known.commits, ...commits].slice(-REMEMBERED) };
}

/** What is compared before any patch is: the paths that a commit changes. */
export interface ChangedFiles {
  readonly commit_hash: string;
  readonly files_changed: readonly string[];
  readonly files_total: number;
}

/** The commits that change just the files of some proposal: they may be its, as their patches will tell. */
export function mayBeProposed({ proposals }: ProposedPatches, commits: readonly ChangedFiles[]): readonly string[] {
  const sets = new Set(proposals.map(({ files }) => setOf(files)));
  return commits
    .filter(({ files_changed, files_total }) => files_total === files_changed.length && sets.has(setOf(files_changed)))
    .map(({ commit_hash }) => commit_hash);
}

/**
 * Which commits carry a proposal's change: those found before, and those whose patch is the same. What a message says of it counts
 * nothing, for anybody may write it.
 */
export function madeFromProposals(
  { proposals, commits: known }: ProposedPatches,
  commits: readonly ChangedFiles[],
  patchIds: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const before = new Map(known.map(({ commit_hash, proposal_id }) => [commit_hash, proposal_id]));
  const made = new Map<string, string>();
  for (const { commit_hash, files_changed } of commits) {
    const patchId = patchIds.get(commit_hash);
    const same = proposals.findLast((each) => each.patch_id === patchId && setOf(each.files) === setOf(files_changed));
    const proposal_id = before.get(commit_hash) ?? same?.proposal_id;
    if (proposal_id !== undefined) made.set(commit_hash, proposal_id);
  }
  return made;
}

const setOf = (paths: readonly string[]): string => JSON.stringify(paths.toSorted());
