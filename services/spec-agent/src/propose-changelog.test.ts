import { hash } from "node:crypto";
import type { DataOf, Envelope } from "@contextpilot/events";
import type { Outcome } from "@contextpilot/messaging";
import { scenario } from "@contextpilot/testing";
import { page } from "./changelogs.fixture.ts";
import { committed, documentsOf, type Commit } from "./commits.fixture.ts";
import { handlers } from "./handlers.ts";

const spec = scenario("spec-agent", handlers);

const EMPTY = page("# Changelog", "", "## [Unreleased]");
const proposals = (said: readonly Envelope[]) => said.map(({ data }) => data as DataOf<"proposal.created.v1">);
const notes = (outcomes: readonly Outcome[]) => outcomes.map((one) => (one.kind === "handled" ? one.note : one.kind));
const hashOf = (digit: string): string => digit.repeat(40);

/** A push of one commit. */
const pushed = (at: string, digit: string, message: string, text = EMPTY, over: Partial<Commit> = {}) =>
  committed(at, { commit_hash: hashOf(digit), message, documents: documentsOf(text), ...over });

test("a feature is a proposal to its author, with a patch for the commit that brought it", () =>
  spec
    .given()
    .when(pushed("10:00", "a", "feat: pay in instalments"))
    .expect((said) => {
      expect(said).toMatchObject([{ event_type: "proposal.created.v1", source: "spec-agent", user_id: "ada" }]);
      const [proposal] = proposals(said);
      expect(proposal).toEqual({
        proposal_id: expect.any(String),
        type: "changelog",
        title: "Say in CHANGELOG.md: Pay in instalments",
        files_affected: 1,
        impact: "low",
        user_id: "ada",
        reason:
          "One commit brings what users will notice, and CHANGELOG.md does not say it yet. aaaaaaa Added: Pay in instalments",
        repository: "shop",
        files: ["CHANGELOG.md"],
        base_commit: hashOf("a"),
        patch: expect.stringContaining("\n+### Added\n+\n+- Pay in instalments\n"),
        patch_sha256: hash("sha256", proposal?.patch ?? ""),
        revision: 1,
      });
    }));

test("a project without a changelog is proposed one", () =>
  spec
    .given()
    .when(pushed("10:00", "a", "feat: pay in instalments", EMPTY, { documents: [] }))
    .expect((said) => expect(proposals(said)[0]?.patch).toContain("--- /dev/null\n+++ b/CHANGELOG.md\n")));

test("a further push updates the open proposal: the same id, one revision more, all lines, the new base", () =>
  spec
    .given(pushed("10:00", "a", "feat: pay in instalments"))
    .when(pushed("10:10", "b", "fix: no negative amounts", EMPTY, { author_id: "bob" }))
    .expect((said) => {
      expect(said).toMatchObject([
        {
          event_type: "proposal.updated.v1",
          user_id: "bob",
          data: { revision: 2, base_commit: hashOf("b"), title: expect.stringContaining("2 things") },
        },
      ]);
      expect(proposals(said)[0]?.patch).toMatch(/\+- Pay in instalments\n[^]*\+- No negative amounts\n/);
    }));

test("a proposal and its updates have one id, and the next proposal another", () =>
  spec
    .given()
    .when(
      pushed("10:00", "a", "feat: one"),
      pushed("10:10", "b", "feat: two"),
      pushed("10:20", "c", "feat: three", page("## [Unreleased]", "", "### Added", "", "- One", "- Two")),
    )
    .expect((said) => {
      const [first, second, third] = proposals(said);
      expect(second?.proposal_id).toBe(first?.proposal_id);
      expect(said[2]).toMatchObject({ event_type: "proposal.created.v1", data: { revision: 1 } });
      expect(third?.proposal_id).not.toBe(first?.proposal_id);
      expect(third?.patch?.match(/^\+- .*/gm)).toEqual(["+- Three"]);
    }));

test("a push of several commits is one proposal, said with the last one, which brings the changelog", () =>
  spec
    .given()
    .when(
      committed("10:00", { commit_hash: hashOf("a"), message: "feat: one" }),
      committed("10:00", { commit_hash: hashOf("b"), message: "fix: two" }),
      pushed("10:00", "c", "docs: three"),
    )
    .expect((said, outcomes) => {
      expect(proposals(said).map(({ base_commit }) => base_commit)).toEqual([hashOf("c")]);
      expect(proposals(said)[0]?.patch?.match(/^\+- .*/gm)).toEqual(["+- One", "+- Two"]);
      expect(notes(outcomes).slice(0, 2)).toEqual([
        "waits for the push's last commit",
        "waits for the push's last commit",
      ]);
    }));

test("a line that somebody wrote by hand meanwhile is proposed no more", () =>
  spec
    .given(pushed("10:00", "a", "feat: one"), pushed("10:05", "b", "feat: two"))
    .when(pushed("10:10", "c", "docs: by hand", page("## [Unreleased]", "", "### Added", "", "- One.")))
    .expect((said) => {
      expect(said).toMatchObject([{ event_type: "proposal.updated.v1", data: { revision: 3 } }]);
      expect(proposals(said)[0]?.patch?.match(/^\+- .*/gm)).toEqual(["+- Two"]);
    }));

test("a push that changes neither lines nor changelog says nothing while the proposal is open", () =>
  spec
    .given(pushed("10:00", "a", "feat: one"))
    .when(pushed("10:10", "b", "docs: two"), pushed("10:20", "c", "feat: one"))
    .expect((said, outcomes) => {
      expect(said).toEqual([]);
      expect(notes(outcomes)).toEqual(["the open proposal stands", "the open proposal stands"]);
    }));

test("the changelog with the proposal's own commit in it ends the proposal", () =>
  spec
    .given(pushed("10:00", "a", "feat: one"))
    .when(
      pushed("10:10", "b", "docs(changelog): say one", page("## [Unreleased]", "", "### Added", "", "- One"), {
        proposal_id: "cp_042",
      }),
      pushed("10:20", "c", "docs: two"),
    )
    .expect((said, outcomes) => {
      expect(said).toEqual([]);
      expect(notes(outcomes)).toEqual(["CHANGELOG.md says it already", "users do not notice a commit of type docs"]);
    }));

test.each<[string, Partial<Commit>, string]>([
  ["a commit on another branch", { default_branch: false, branch: "topic" }, "not on the default branch"],
  ["an agent's commit", { proposal_id: "cp_042" }, "an agent's own commit"],
  ["imported history", { origin: "import" }, "imported history"],
  ["a merge", { is_merge: true }, "a merge"],
  [
    "a changelog in another form",
    { documents: documentsOf(page("## 1.0.0", "### Bug Fixes", "* one")) },
    'no proposal: CHANGELOG.md has sections with other names ("Bug Fixes")',
  ],
  [
    "a changelog that is no text",
    { documents: [{ path: "CHANGELOG.md", blob_hash: hashOf("b"), truncated: false }] },
    "no proposal: CHANGELOG.md cannot be read",
  ],
  [
    "a changelog that is no Markdown",
    { documents: documentsOf("x", "CHANGES.rst") },
    "no proposal: CHANGES.rst is no Markdown",
  ],
])("%s is no reason for a proposal, and said why", (_what, over, why) =>
  spec
    .given()
    .when(pushed("10:00", "a", "feat: one", EMPTY, over))
    .expect((said, outcomes) => {
      expect(said).toEqual([]);
      expect(notes(outcomes)).toEqual([expect.stringContaining(why)]);
    }),
);

test("what a changelog in another form kept back is proposed once it is in form", () =>
  spec
    .given(pushed("10:00", "a", "feat: one", page("# 1.0.0", "# 0.9.0")))
    .when(pushed("10:10", "b", "docs: another form"))
    .expect((said) => expect(proposals(said)[0]?.patch).toContain("+- One\n")));

test("another repository has a proposal of its own", () =>
  spec
    .given(pushed("10:00", "a", "feat: one"))
    .when(pushed("10:10", "a", "feat: one", EMPTY, { repository: "fork" }))
    .expect((said) =>
      expect(said).toMatchObject([{ event_type: "proposal.created.v1", data: { repository: "fork" } }]),
    ));

const features = (count: number, over: (at: number) => Partial<Commit> = () => ({})) =>
  Array.from({ length: count }, (_, at) =>
    committed("10:00", {
      commit_hash: String(at).padStart(40, "0"),
      message: `feat: step ${at} of many`,
      parent_hashes: at === 0 ? [] : [hashOf("0")],
      ...over(at),
    }),
  );
const linesOf = (said: readonly Envelope[]) => proposals(said).map(({ patch }) => patch?.match(/^\+- .*/gm));

test("of a push of hundreds of features the newest twenty are proposed, in one patch, and the others counted", () =>
  spec
    .given(...features(300))
    .when(pushed("10:00", "a", "feat: the last", EMPTY, { parent_hashes: [hashOf("0")] }))
    .expect((said) => {
      const [lines] = linesOf(said);
      expect(lines).toHaveLength(20);
      expect([lines?.at(0), lines?.at(-1)]).toEqual(["+- Step 281 of many", "+- The last"]);
      expect(proposals(said)[0]?.reason).toContain("281 older ones are left out");
      expect(proposals(said)[0]?.title).toContain("20 things");
    }));

const released = (day: string) => page("# Changelog", "", `## [1.0.0] - ${day}`, "", "### Added", "", "- All of it");
/** A commit of each of the year's first days. */
const inJanuary = (at: number): Partial<Commit> => ({ committed_at: `2026-01-0${at + 1}T10:00:00Z` });

test("the first push of a whole branch proposes only what was committed since the newest release", () =>
  spec
    .given(...features(5, inJanuary))
    .when(pushed("10:00", "a", "feat: the last", released("2026-01-04"), { committed_at: "2026-01-06T10:00:00Z" }))
    .expect((said) => expect(linesOf(said)).toEqual([["+- Step 3 of many", "+- Step 4 of many", "+- The last"]])));

test("an imported history is no first push: what comes after it is a push like any other", () =>
  spec
    .given(...features(3, () => ({ origin: "import" })))
    .when(
      pushed("10:00", "a", "feat: the last", released("2026-02-28"), {
        parent_hashes: [hashOf("0")],
        committed_at: "2026-01-06T10:00:00Z",
      }),
    )
    .expect((said) => expect(linesOf(said)).toEqual([["+- The last"]])));

test("a later push proposes all that it brings, whenever it was committed: it was in no release before it came", () =>
  spec
    .given(...features(3, (at) => ({ ...inJanuary(at), parent_hashes: [hashOf("0")] })))
    .when(
      pushed("10:00", "a", "docs: the last", released("2026-02-28"), {
        parent_hashes: [hashOf("0")],
        committed_at: "2026-01-06T10:00:00Z",
      }),
    )
    .expect((said) => expect(linesOf(said)[0]).toHaveLength(3)));

const undated = (version: string) => page("# Changelog", "", `## Shop v${version}`, "", "### Added", "", "- All of it");

test("what is released without its line is proposed no more, whatever the release's heading says beside its number", () =>
  spec
    .given(pushed("10:00", "a", "feat: pay in instalments", undated("1.0.0")))
    .when(
      pushed("10:05", "b", "docs: a heading", page("# Changelog", "", "## [1.0.0] - 2026-03-02")),
      pushed("10:10", "c", "docs: release", undated("1.1.0")),
      pushed("10:20", "d", "feat: pay by invoice", undated("1.1.0")),
    )
    .expect((said, outcomes) => {
      expect(notes(outcomes)[1]).toBe("the newest release has it");
      expect(said.map(({ event_type }) => event_type)).toEqual(["proposal.updated.v1", "proposal.created.v1"]);
      expect(linesOf(said)[1]).toEqual(["+- Pay by invoice"]);
    }));

test("a line that comes with the release's own push is proposed", () =>
  spec
    .given(
      pushed("10:00", "a", "feat: one", undated("1.0.0")),
      committed("10:10", { commit_hash: hashOf("b"), message: "feat: two" }),
    )
    .when(pushed("10:10", "c", "docs: release", undated("1.1.0")))
    .expect((said) => expect(linesOf(said)).toEqual([["+- Two"]])));
