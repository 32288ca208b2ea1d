import { derivedId, proposalCreated, proposalUpdated, type DataOf, type EventOf } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { entryOf, type Worth } from "./changelog-entry.ts";
import { changelogPatch, type ChangelogPatch } from "./changelog-patch.ts";
import { MOST_LINES, changelogs, type Line } from "./changelogs.ts";
import { proposalText } from "./proposal-text.ts";
import { saysTheSame } from "./sections.ts";

type Commit = EventOf<"git.commit.v1">;

/**
 * Keeps the changelog true to the default branch: collects what a push's commits give it to say, and with the push's last commit,
 * which brings the changelog along, proposes a patch; while that proposal is open, further pushes update it.
 */
export const proposeChangelog = handler("git.commit.v1", {
  state: (commit) => ({ changelog: changelogs.of(commit.data.repository) }),
  decide: (commit, { changelog }) => {
    const { data } = commit;
    if (!data.default_branch) return { events: [], note: "not on the default branch" };
    const worth = entryOf(data);
    const lines = withLineOf(data, worth, changelog.lines);
    if (data.documents === undefined) {
      return "none" in worth
        ? { events: [], note: worth.none }
        : { events: [], state: { changelog: { ...changelog, lines } }, note: "waits for the push's last commit" };
    }
    if (lines.length === 0) return { events: [], note: "none" in worth ? worth.none : "nothing to say" };

    const result = changelogPatch(data.documents[0], lines);
    if (result.kind === "refused") {
      return { events: [], state: { changelog: { ...changelog, lines } }, note: `no proposal: ${result.why}` };
    }
    if (result.kind === "complete") {
      return { events: [], state: { changelog: { lines: [] } }, note: `${result.path} says it already` };
    }
    // Where the changelog has every line of the last proposal, that one is over: whatever is left is another's.
    const open = result.added.some(({ proposed }) => proposed) ? changelog.open : undefined;
    const proposed = result.added.map((line) => ({ ...line, proposed: true }));
    if (open?.patch_sha256 === result.patch.patch_sha256) {
      return { events: [], state: { changelog: { lines: proposed, open } }, note: "the open proposal stands" };
    }
    const proposal = proposalOf(commit, result, open);
    const { proposal_id, revision, user_id } = proposal;
    const event =
      open === undefined
        ? proposalCreated(proposal, { key: [proposal_id], user_id })
        : proposalUpdated(proposal, { key: [proposal_id, String(revision)], user_id });
    const said = { proposal_id, revision, patch_sha256: result.patch.patch_sha256 };
    return { events: [event], state: { changelog: { lines: proposed, open: said } } };
  },
});

function withLineOf(commit: DataOf<"git.commit.v1">, worth: Worth, lines: readonly Line[]): Line[] {
  if ("none" in worth) return [...lines];
  const { section, text } = worth.entry;
  if (lines.some((line) => saysTheSame(line.text, text))) return [...lines];
  const { commit_hash, author_id } = commit;
  return [...lines, { section, text, commit_hash, author_id, proposed: false }].slice(-MOST_LINES);
}

function proposalOf(
  { data }: Commit,
  { path, added, patch }: Extract<ChangelogPatch<Line>, { kind: "patch" }>,
  open: { readonly proposal_id: string; readonly revision: number } | undefined,
): DataOf<"proposal.created.v1"> {
  const { repository, commit_hash } = data;
  return {
    proposal_id: open?.proposal_id ?? derivedId("changelog", repository, commit_hash),
    type: "changelog",
    ...proposalText(path, added),
    files_affected: 1,
    impact: "low",
    user_id: added.at(-1)?.author_id ?? data.author_id,
    repository,
    files: [path],
    base_commit: commit_hash,
    ...patch,
    revision: (open?.revision ?? 0) + 1,
  };
}
