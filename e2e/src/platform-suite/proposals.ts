import { execFile } from "node:child_process";
import { once } from "node:events";
import type { DataOf, Envelope } from "@contextpilot/events";
import type { Scene } from "./scene.ts";

export function proposals(scene: () => Scene): void {
  test("a feature on the default branch is a proposal for the changelog; the next one updates it, and its patch applies", async () => {
    const push = (what: string) => scene().pushOf(what, { message: `feat: pay ${what}` });
    await scene().send(await push("instalments"));
    const created = proposalIn(await scene().api.untilEvents("proposal.created", 1));
    expect(created).toMatchObject({ type: "changelog", files: ["CHANGELOG.md"], revision: 1 });
    expect(linesOf(created)).toEqual(["- Pay instalments"]);

    await scene().send(await push("later"));
    const updated = proposalIn(await scene().api.untilEvents("proposal.updated", 1));
    const { proposal_id } = created;
    expect(updated).toMatchObject({ proposal_id, revision: 2, base_commit: await scene().repository.tip() });
    expect(linesOf(updated)).toEqual(["- Pay instalments", "- Pay later"]);
    expect(await scene().api.events("proposal.created")).toHaveLength(1);
    await applies(scene(), updated);
  });
}

type Proposal = DataOf<"proposal.created.v1">;
const proposalIn = ([event]: readonly Envelope[]): Proposal => event?.data as Proposal;
const linesOf = ({ patch = "" }: Proposal) => Array.from(patch.matchAll(/^\+(- .*)$/gm), ([, line]) => line);

/** Git itself takes the patch, onto the commit that it was made for. */
async function applies({ repository }: Scene, { base_commit = "", patch = "" }: Proposal): Promise<void> {
  await repository.git("read-tree", base_commit);
  const child = execFile("git", ["apply", "--cached", "--check"], { cwd: repository.path });
  child.stdin?.end(patch);
  expect(await once(child, "close")).toEqual([0, null]);
}
