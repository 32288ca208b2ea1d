import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEvent, gitPush } from "@contextpilot/events";
import { GitRepository, until } from "@contextpilot/testing";
import { orderingKeyOf, parseFilter, passes, resolveTopology } from "@contextpilot/topology";
import type { DeadLetter } from "./house-api.ts";
import { openHouse, type OpenHouse } from "./open-house.ts";
import { sendPush, signatureOf, type Push } from "./pushes.ts";

const CHAIN = ["coach.nudge.v1", "context.update.v1", "git.commit.v1", "git.push.v1"];

let folder: string;
let repository: GitRepository;
let open: OpenHouse;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-bad-input-"));
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

const topology = resolveTopology();
const consumers = topology.subscriptions.filter(({ raw }) => !raw);

/** The services that handle messages of a type. */
const consumersOf = (event_type: string): readonly string[] =>
  consumers
    .filter(({ filter }) => filter === undefined || passes(parseFilter(filter), { event_type }))
    .map(({ service }) => service);

/** The families that somebody handles, with their topics. */
const handled = topology.topics.flatMap(({ name: topic, families }) =>
  families.filter((family) => consumersOf(`${family}.v1`).length > 0).map((family) => ({ topic, family })),
);

interface BadMessage {
  readonly data: Uint8Array;
  readonly event_type: string;
}

const envelope = (event_type: string, over: object = {}): string =>
  JSON.stringify({
    event_id: "bad",
    event_type,
    timestamp: "2026-03-02T10:00:00Z",
    source: "somebody",
    data: {},
    ...over,
  });
const text = (family: string, json: string): BadMessage => ({ event_type: `${family}.v1`, data: Buffer.from(json) });

/** What is no event that a consumer can handle, by the reason for which it is none. */
const bad: readonly (readonly [string, string, RegExp, (family: string) => BadMessage])[] = [
  ["no bytes", "invalid-json", /not JSON/, (family) => text(family, "")],
  [
    "bad UTF-8",
    "invalid-json",
    /not valid UTF-8/,
    (family) => ({ event_type: `${family}.v1`, data: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }),
  ],
  ["no JSON", "invalid-json", /not JSON/, (family) => text(family, `${envelope(`${family}.v1`)},`)],
  [
    "the same key twice",
    "invalid-json",
    /the same key twice/,
    (family) => text(family, envelope(`${family}.v1`).replace("{", '{"event_id":"other",')),
  ],
  [
    "100,000 nested arrays",
    "invalid-json",
    /levels deep/,
    (family) => text(family, "[".repeat(100_000) + "]".repeat(100_000)),
  ],
  [
    "a wrong type in the envelope",
    "invalid-envelope",
    /event_id/,
    (family) => text(family, envelope(`${family}.v1`, { event_id: 7 })),
  ],
  [
    "attributes that say otherwise",
    "attribute-mismatch",
    /event_type/,
    (family) => text(family, envelope("somebody.said.v1")),
  ],
  [
    "an unknown version",
    "unknown-version",
    /v99/,
    (family) => ({ event_type: `${family}.v99`, data: Buffer.from(envelope(`${family}.v99`)) }),
  ],
  ["data of another shape", "invalid-data", /data/, (family) => text(family, envelope(`${family}.v1`))],
];

/** Puts a message on its topic as it is, and gives its id. */
async function publish(topic: string, { event_type, data }: BadMessage, orderingKey?: string): Promise<string> {
  const ordering = orderingKey === undefined ? {} : { orderingKey };
  const [messageId = ""] = await open.house.publisher.publish([
    { topic, data, attributes: { event_type }, ...ordering },
  ]);
  return messageId;
}

describe("what is on the bus and cannot be handled is a dead letter of each consumer, byte for byte, with the reason:", () => {
  test.each(bad)("%s (%s)", async (_, code, reason, messageOf) => {
    expect(handled.length).toBeGreaterThanOrEqual(3);
    for (const { topic, family } of handled) {
      const message = messageOf(family);
      const messageId = await publish(topic, message);
      const expected = consumersOf(message.event_type);
      let letters: readonly DeadLetter[] = [];
      await until(
        async () => {
          letters = (await open.api.deadLetters()).filter(({ message_id }) => message_id === messageId);
          return letters.length >= expected.length;
        },
        () => `dead letters of ${family} by ${expected.join()}, there were ${letters.length}`,
      );
      expect(letters.map(({ consumer }) => consumer).toSorted()).toEqual(expected.toSorted());
      for (const letter of letters) {
        expect(letter).toMatchObject({ code, reason: expect.stringMatching(reason) });
        const { data_base64 } = await open.api.get<{ data_base64: string }>(
          `/api/dead-letters/${letter.dead_letter_id}`,
        );
        expect(Buffer.from(data_base64, "base64").equals(message.data)).toBe(true);
      }
    }
    // Nobody says anything about it. What is an envelope at all is seen, whatever its consumers think of it.
    expect((await open.api.events()).filter(({ source }) => source !== "somebody")).toEqual([]);
  });

  test("the chain of a good push right behind all of them is as ever", async () => {
    const push = await goodPush();
    const event = createEvent(
      gitPush({ ...push, forced: false }, { key: [push.repository, push.ref, push.before, push.after] }),
      {
        source: "webhook",
        timestamp: "2026-03-02T10:00:00Z",
      },
    );
    let letters = 0;
    for (const [, , , messageOf] of bad) {
      for (const { topic, family } of handled) {
        const message = messageOf(family);
        // In the very queue in which the good push waits.
        await publish(topic, message, family === "git.push" ? orderingKeyOf(event) : undefined);
        letters += consumersOf(message.event_type).length;
      }
    }
    expect(await sendPush(open.door, push)).toBe(202);
    await open.api.untilEvents("coach.nudge", 1);
    await until(async () => (await open.api.deadLetters()).length >= letters, `${letters} dead letters`);
    expect(await open.api.deadLetters()).toHaveLength(letters);
    const chain = await open.api.get<{ items: readonly { event: { event_type: string } }[] }>(
      `/api/chains/${event.event_id}`,
    );
    expect(chain).toMatchObject({ dead_letters: [] });
    expect(chain.items.map(({ event: { event_type } }) => event_type).toSorted()).toEqual(CHAIN);
  });
});
