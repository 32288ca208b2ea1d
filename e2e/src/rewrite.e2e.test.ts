import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository, until, type CommitPlan } from "@contextpilot/testing";
import { openHouse } from "./open-house.ts";
import { sendPush } from "./pushes.ts";

const COMMITS = 60;
const REF = "refs/heads/main";

/** New code without a test, by as many people: each commit is worth a nudge. */
const workOn = (parent: string): readonly CommitPlan[] =>
  Array.from({ length: COMMITS }, (_, index) => ({
    ...(index === 0 ? { parents: [parent] } : {}),
    message: `refactor: part ${index}`,
    author: { name: `Author ${index}`, email: `author-${index}@example.org` },
    at: new Date(Date.UTC(2026, 1, 1) + index * 60_000),
    changes: [{ path: `src/part-${index}.ts`, content: `export const part = ${index};\n`.repeat(60) }],
  }));

test("a rebase buries nobody: its copies are said, and none is measured or nudged about again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "contextpilot-rewrite-"));
  const repository = await GitRepository.create(join(folder, "shop.git"));
  const base = await repository.commit();
  const old = (await repository.commitAll(workOn(base))).at(-1) ?? "";
  const { house, door, api } = await openHouse(join(folder, "data"), { repositories: { shop: repository.path } });
  try {
    let handled = 0;
    house.onHandling(({ service, outcome }) => {
      const isCommit = outcome.kind === "handled" && outcome.event.event_type === "git.commit.v1";
      if (service === "context-agent" && isCommit) handled += 1;
    });
    expect(await sendPush(door, { repository: "shop", ref: REF, before: base, after: old })).toBe(202);
    await until(() => handled === COMMITS, "the commits to be measured", { withinMs: 60_000 });
    await api.untilEvents("context.update", COMMITS);
    await api.untilEvents("coach.nudge", 1);

    const moved = await repository.commit({ parents: [base], message: "docs: a word" });
    const rebased = (await repository.commitAll(workOn(moved))).at(-1) ?? "";
    expect(await sendPush(door, { repository: "shop", ref: REF, before: old, after: rebased })).toBe(202);
    await until(() => handled === 2 * COMMITS + 1, "the copies to be looked at", { withinMs: 60_000 });

    const updates = await api.untilEvents("context.update", COMMITS + 1);
    expect(updates).toHaveLength(COMMITS + 1);
    expect(updates.filter(({ data }) => (data as { commit_hash: string }).commit_hash === moved)).toHaveLength(1);
  } finally {
    await house.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 200_000);
