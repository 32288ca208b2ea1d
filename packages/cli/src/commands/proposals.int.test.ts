import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEvent, proposalCreated, proposalUpdated, type DataOf, type Envelope } from "@contextpilot/events";
import { runGit } from "../demo/run-git.ts";
import { openCommandHouse, type CommandHouse } from "./commands.fixture.ts";

let house: CommandHouse;
let clone: string;
beforeEach(async () => {
  house = await openCommandHouse();
  clone = join(house.data, "clone");
  mkdirSync(clone);
});
afterEach(() => house.close());

function proposal(proposal_id: string, over: Partial<DataOf<"proposal.created.v1">> = {}): Envelope {
  const { revision = 1, patch } = over;
  const define = revision === 1 ? proposalCreated : proposalUpdated;
  const draft = define({
    proposal_id,
    type: "changelog",
    title: "Tell users of the cart",
    files_affected: 1,
    impact: "low",
    user_id: "ada",
    reason: "Users notice it.",
    repository: "shop",
    files: ["CHANGELOG.md"],
    revision,
    ...(patch === undefined ? {} : { patch_sha256: hash("sha256", patch, "hex") }),
    ...over,
  });
  const event_id = `${proposal_id}-${revision}`;
  return createEvent(draft, { event_id, source: "spec-agent", timestamp: "2026-03-02T12:00:00.000Z" });
}

/** A repository with a changelog, and the patch that adds a line to it, of bytes that a careless way would change. */
async function changelogWithPatch(): Promise<{ patch: string; after: string }> {
  const before = "# Änderungen\r\n\r\n## Unreleased\r\n";
  const after = `${before}- A cart, at 5 €\r\n`;
  await runGit(clone, ["init", "--quiet"]);
  writeFileSync(join(clone, "CHANGELOG.md"), before);
  await runGit(clone, ["add", "."]);
  writeFileSync(join(clone, "CHANGELOG.md"), after);
  const patch = await runGit(clone, ["diff"]);
  writeFileSync(join(clone, "CHANGELOG.md"), before);
  return { patch, after };
}

test("git apply takes what show --patch writes, to the byte", async () => {
  const { patch, after } = await changelogWithPatch();
  await house.hear(proposal("p1", { patch: "an older one" }), proposal("p1", { patch, revision: 2 }));

  const { out, err, failed } = await house.run(["proposals", "show", "p1", "--patch"]);
  expect({ err, failed }).toEqual({ err: "", failed: false });
  execFileSync("git", ["apply"], {
    cwd: clone,
    input: Buffer.from(out, "latin1"),
    stdio: ["pipe", "ignore", "ignore"],
  });
  expect(readFileSync(join(clone, "CHANGELOG.md"), "utf8")).toBe(after);
});

test("the open proposals are listed, the newest first, with the command that shows each", async () => {
  await house.hear(
    proposal("p1"),
    proposal("p2", { title: "Part the\u001b[2J module", repository: "till", patch: "+" }),
  );

  const { out } = await house.run(["proposals", "list"]);
  expect(out).toMatch(/^Part the\[2J module {2}till\n {4}a changelog by spec-agent, low impact, with a patch {2}\S+\n/);
  expect(out).toContain(`    ./contextpilot proposals show p1 --api ${house.api} --data ${house.data}\n`);
  expect((await house.run(["proposals", "list", "--repository", "shop"])).out).not.toContain("till");
  expect((await house.run(["proposals", "list", "--limit", "1"])).out).toContain("There are more: --limit 2");
  const json = (await house.run(["proposals", "list", "--json"])).out.trim().split("\n");
  expect(json.map((line) => JSON.parse(line) as object)).toMatchObject([
    { proposal_id: "p2", patch_bytes: 1 },
    { proposal_id: "p1", patch_bytes: 0 },
  ]);
});

test("one is shown with its reason, its patch and how to take it; for machines whole", async () => {
  await house.hear(proposal("p1", { patch: "@@ -1 +1 @@\n-old\n+new\u001b[31m\n" }));

  const { out } = await house.run(["proposals", "show", "p1"]);
  expect(out).toContain("Users notice it.");
  expect(out).toContain("\n@@ -1 +1 @@\n-old\n+new[31m\n");
  expect(out).toContain(`proposals show p1 --api ${house.api} --data ${house.data} --patch | git apply`);
  expect(JSON.parse((await house.run(["proposals", "show", "p1", "--json"])).out)).toMatchObject({
    proposal_id: "p1",
    patch: "@@ -1 +1 @@\n-old\n+new\u001b[31m\n",
  });
});

test("what has no patch, or one that its hash does not fit, or would command a terminal, is not written", async () => {
  await house.hear(proposal("p1"), proposal("p2", { patch: "+", patch_sha256: "0".repeat(64) }));

  await expect(house.run(["proposals", "show", "p1", "--patch"])).rejects.toThrow("a person has to do the work");
  expect((await house.run(["proposals", "show", "p1"])).out).toContain("a person has to do the work");
  await expect(house.run(["proposals", "show", "p2", "--patch"])).rejects.toThrow("is not what its hash says");
  await expect(house.run(["proposals", "show", "p2", "--patch"], { isForPeople: true })).rejects.toThrow("> file");
  await expect(house.run(["proposals", "show", "p9"])).rejects.toThrow("no such proposal");
  expect((await house.run(["proposals", "list", "--repository", "none"])).out).toBe("No proposal is open.\n");
});
