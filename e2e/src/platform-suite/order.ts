import { rename } from "node:fs/promises";
import { until } from "@contextpilot/testing";
import { commitOf, type Scene } from "./scene.ts";

export function order(scene: () => Scene): void {
  test("the commits of one branch are measured in their order, also where their pushes had to wait", async () => {
    const { repository, handlings } = scene();
    const hashes = await repository.commitAll(
      Array.from({ length: 24 }, (_, at) => ({ changes: [{ path: `${at}.md`, content: "x\n".repeat(at + 1) }] })),
    );
    const objects = `${repository.path}/objects`;
    await rename(objects, `${objects}.away`);
    for (let at = 1; at < 24; at += 2) {
      const before = hashes[at - 2] ?? "0".repeat(40);
      await scene().send({ repository: "shop", ref: "refs/heads/main", before, after: hashes[at] ?? "" });
    }
    await until(
      () => handlings.filter(({ outcome }) => outcome.kind === "retry").length > 2,
      "the pushes to have been tried in vain",
      { withinMs: 30_000 },
    );
    await rename(`${objects}.away`, objects);
    const measured = () => scene().handled("context-agent", "git.commit.v1").map(commitOf);
    await until(
      () => measured().length === 24,
      () => `24 commits, there were ${measured().length}`,
      { withinMs: 60_000 },
    );
    expect(measured()).toEqual(hashes);
  });
}
