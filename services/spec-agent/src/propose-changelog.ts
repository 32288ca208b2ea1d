import { derivedId, proposalCreated, proposalUpdated, type DataOf, type EventOf } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { entryOf } from "./changelog-entry.ts";
import { changelogPatch, type ChangelogPatch } from "./changelog-patch.ts";
import { NOTHING_KNOWN, changelogs, type KnownChangelog, type Line } from "./changelogs.ts";
import { unreleased, withLineOf } from "./collect-line.ts";
import { proposalText } from "./proposal-text.ts";
import { newestRelease } from "./read-changelog.ts";

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
    const known = withLineOf(changelog, data, worth);
    if (data.documents === undefined) {
      const note = "none" in worth ? worth.none : "waits for the push's last commit";
      return { events: [], state: { changelog: known }, note };
    }
    const [document] = data.documents;
    const release = newestRelease(document);
    const lines = unreleased(known, release);
    const nothingKnown = { ...NOTHING_KNOWN, release: release?.name };
    if (lines.length === 0) {
      const note =
        known.lines.length > 0 ? "the newest release has it" : "none" in worth ? worth.none : "nothing to say";
      return { events: [], state: { changelog: nothingKnown }, note };
    }

    const result = changelogPatch(document, lines);
    const kept = { ...known, lines, whole_branch: false, release: release?.name };
    if (result.kind === "refused")
      return { events: [], state: { changelog: kept }, note: `no proposal: ${result.why}` };
    if (result.kind === "complete") {
      return { events: [], state: { changelog: nothingKnown }, note: `${result.path} says it already` };
    }
    // Where the changelog has every line of the last proposal, that one is over: whatever is left is another's.
    const open = result.added.some(({ proposed }) => proposed) ? changelog.open : undefined;
    const proposed = result.added.map((line) => ({ ...line, proposed: true }));
    if (open?.patch_sha256 === result.patch.patch_sha256) {
      return { events: [], state: { changelog: { ...kept, lines: proposed, open } }, note: "the open proposal stands" };
    }
    const proposal = proposalOf(commit, result, open, known.left_out);
    const { proposal_id, revision, user_id } = proposal;
    const event =
      open === undefined
        ? proposalCreated(proposal, { key: [proposal_id], user_id })
        : proposalUpdated(proposal, { key: [proposal_id, String(revision)], user_id });
    const said = { proposal_id, revision, patch_sha256: result.patch.patch_sha256 };
    return { events: [event], state: { changelog: { ...kept, lines: proposed, open: said } } };
  },
});

function proposalOf(
  { data }: Commit,
  { path, added, patch }: Extract<ChangelogPatch<Line>, { kind: "patch" }>,
  open: KnownChangelog["open"],
  leftOut: number,
): DataOf<"proposal.created.v1"> {
  const { repository, commit_hash } = data;
  return {
    proposal_id: open?.proposal_id ?? derivedId("changelog", repository, commit_hash),
    type: "changelog",
    ...proposalText(path, added, leftOut),
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
