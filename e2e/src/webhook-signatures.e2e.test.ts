import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository } from "@contextpilot/testing";
import { openHouse, type OpenHouse } from "./open-house.ts";
import { sendPush, signatureOf, type Push } from "./pushes.ts";

const CHAIN = ["coach.nudge.v1", "context.update.v1", "git.commit.v1", "git.push.v1"];

let folder: string;
let repository: GitRepository;
let open: OpenHouse;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-signatures-"));
  repository = await GitRepository.create(join(folder, "shop.git"));
  open = await openHouse(join(folder, "data"), { repositories: { shop: repository.path } });
});
afterEach(async () => {
  await open.house.close();
  await rm(folder, { recursive: true, force: true });
});

async function goodPush(): Promise<Push> {
  const after = await repository.commit({
    changes: [{ path: "src/cart.ts", content: "export const cart = [];\n".repeat(60) }],
  });
  return { repository: "shop", ref: "refs/heads/main", before: "0".repeat(40), after };
}

const typesSeen = async (): Promise<readonly string[]> =>
  (await open.api.events()).map(({ event_type }) => event_type).toSorted();

describe("a webhook refuses what is not signed as it should be, and nothing of it is kept:", () => {
  const signatures: readonly (readonly [string, (body: string, secret: string) => string | undefined])[] = [
    ["no signature", () => undefined],
    ["an empty one", () => ""],
    ["a short one", (body, secret) => signatureOf(body, secret).slice(0, -1)],
    ["a SHA-1 one", (body, secret) => `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`],
    ["another secret's", (body) => signatureOf(body, "another secret altogether")],
    ["another body's", (body, secret) => signatureOf(`${body} `, secret)],
  ];

  test.each(signatures)("%s", async (_, sign) => {
    const push = await goodPush();
    const { webhookUrl, secret } = open.door;
    const bodies = {
      "/webhooks/git": JSON.stringify(push),
      "/webhooks/github": JSON.stringify({ ...push, repository: { full_name: "shop" } }),
    };
    for (const [path, body] of Object.entries(bodies)) {
      const signature = sign(body, secret);
      const signed = signature === undefined ? {} : { "x-hub-signature-256": signature };
      const headers = { "content-type": "application/json", "x-github-event": "push", ...signed };
      const answer = await fetch(`${webhookUrl}${path}`, { method: "POST", headers, body });
      expect([path, answer.status]).toEqual([path, 401]);
      await answer.arrayBuffer();
    }
    // What was refused would have been this very push: its chain is the first and only one.
    const { length: before } = await open.api.events();
    expect(await sendPush(open.door, push)).toBe(202);
    await open.api.untilEvents("coach.nudge", 1);
    expect([before, await typesSeen(), await open.api.deadLetters()]).toEqual([0, CHAIN, []]);
  });
});
