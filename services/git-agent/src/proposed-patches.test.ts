import {
  madeFromProposals,
  mayBeProposed,
  withCommits,
  withPatch,
  type ProposedPatch,
  type ProposedPatches,
} from "./proposed-patches.ts";

const NOTHING: ProposedPatches = { proposals: [], commits: [] };
const patch = (over: Partial<ProposedPatch> = {}): ProposedPatch => ({
  proposal_id: "p1",
  revision: 1,
  files: ["CHANGELOG.md"],
  patch_id: "a".repeat(40),
  ...over,
});
const commit = (commit_hash: string, ...files_changed: readonly string[]) => ({
  commit_hash,
  files_changed,
  files_total: files_changed.length,
});

test("of a proposal the latest revision is kept, in whatever order they come", () => {
  const first = withPatch(NOTHING, patch());
  const second = withPatch(first, patch({ revision: 2, patch_id: "b" }));
  expect(second.proposals).toEqual([patch({ revision: 2, patch_id: "b" })]);
  expect(withPatch(second, patch())).toBe(second);
});

test("of more than 200 proposals and commits the newest are kept", () => {
  let known = NOTHING;
  for (let at = 0; at < 205; at += 1) {
    known = withPatch(known, patch({ proposal_id: `p${at}` }));
    known = withCommits(known, new Map([[`c${at}`, `p${at}`]]));
  }
  expect(known.proposals.map(({ proposal_id }) => proposal_id)).toEqual(
    Array.from({ length: 200 }, (_, at) => `p${at + 5}`),
  );
  expect(known.commits).toHaveLength(200);
  expect(known.commits[0]).toEqual({ commit_hash: "c5", proposal_id: "p5" });
});

test("only commits that change just a proposal's files are looked at, in any order of them", () => {
  const known = withPatch(NOTHING, patch({ files: ["a", "b"] }));
  const cut = { ...commit("cut", "a", "b"), files_total: 3 };
  const commits = [commit("same", "b", "a"), commit("less", "a"), commit("more", "a", "b", "c"), cut];
  expect(mayBeProposed(known, commits)).toEqual(["same"]);
});

test("a commit is a proposal's where the patch is the same, or where it was found to be before", () => {
  const known = withCommits(withPatch(NOTHING, patch()), new Map([["before", "p0"]]));
  const commits = [commit("same", "CHANGELOG.md"), commit("other", "CHANGELOG.md"), commit("before", "x")];
  const ids = new Map([
    ["same", patch().patch_id],
    ["other", "c".repeat(40)],
  ]);
  expect(madeFromProposals(known, commits, ids)).toEqual(
    new Map([
      ["same", "p1"],
      ["before", "p0"],
    ]),
  );
});
