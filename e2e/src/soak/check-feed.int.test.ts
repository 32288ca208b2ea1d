import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@contextpilot/agent-host";
import { createFeed, SqliteReadModel } from "@contextpilot/dashboard";
import { createEvent, gitPush, type Envelope } from "@contextpilot/events";
import { messageOf, type Delivery } from "@contextpilot/messaging";
import { Ledger, type Taken } from "../checker/ledger.ts";
import { checkFeed } from "./check-feed.ts";
import { see } from "./evidence.ts";

const at = "2026-03-02T09:00:00.000Z";

function pushTo(repository: string, after = "b"): Envelope {
  const push = { repository, ref: "refs/heads/main", before: "a".repeat(40), after: after.repeat(40), forced: false };
  return createEvent(gitPush(push, { key: [repository] }), { source: "webhook", timestamp: at });
}

const said = (event: Envelope): Taken => messageOf(event);

/** What the git-agent could not handle, on its dead-letter topic. */
function dead(event: Envelope, bytes = Buffer.from("{")): Taken {
  const { attributes } = messageOf(event);
  const why = { dead_letter_id: `dead ${event.event_id}`, dead_letter_consumer: "git-agent" };
  return { topic: "git-events-dlq", data: bytes, attributes: { ...attributes, ...why } };
}

const deliveryOf = ({ topic, data, attributes }: Taken): Delivery => ({
  data,
  attributes,
  messageId: "1",
  publishTime: at,
  subscription: topic.endsWith("-dlq") ? "ui-from-git-dlq" : "ui-from-git",
  deliveryAttempt: 1,
});

interface Course {
  readonly onTheBus: readonly Taken[];
  readonly taken: readonly Taken[];
}

/** What is said to be broken where the bus has taken the ones, and the feed has been given the others. */
async function broken({ onTheBus, taken }: Course): Promise<readonly string[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-feed-"));
  const readModel = SqliteReadModel.open({ file: join(folder.path, "dashboard.sqlite") });
  const feed = createFeed({ readModel, logger: createLogger({ service: "dashboard", level: "silent" }) });
  try {
    for (const message of taken) await feed.take(deliveryOf(message));
    const ledger = new Ledger();
    for (const message of onTheBus) see(ledger, message, {});
    await checkFeed(ledger, readModel);
    return ledger.violations;
  } finally {
    await feed.close();
  }
}

const shop = pushTo("shop");
const all = [said(shop), said(pushTo("bank")), dead(shop)];

test("a feed that was brought everything, some of it twice, shows all of it once", async () => {
  expect(await broken({ onTheBus: all, taken: [...all, ...all] })).toEqual([]);
});

test("a topic that the feed does not hear need not be shown", async () => {
  expect(await broken({ onTheBus: [...all, { ...said(shop), topic: "clock" }], taken: all })).toEqual([]);
});

test.each([
  ["an event that is not shown", { onTheBus: all, taken: all.slice(1) }, /does not show git.push.v1/],
  ["a dead letter that is not shown", { onTheBus: all, taken: all.slice(0, 2) }, /does not show the dead letter dead/],
  ["an event that never was", { onTheBus: all.slice(1), taken: all }, /shows git.push.v1 .* never was on the bus/],
  ["a dead letter that never was", { onTheBus: all.slice(0, 2), taken: all }, /shows the dead letter .* never was/],
  ["an event that is another's", { onTheBus: [said(shop)], taken: [said(pushTo("shop", "c"))] }, /as another/],
  ["a dead letter's bytes", { onTheBus: [dead(shop)], taken: [dead(shop, Buffer.from("["))] }, /other bytes/],
] satisfies [string, Course, RegExp][])("a broken promise is found: %s", async (_what, course, sentence) => {
  expect(await broken(course)).toEqual([expect.stringMatching(sentence)]);
});

const pageOf = <T>(...items: readonly T[]) => Promise.resolve({ items, next: null });

test("a chain that counts more than it shows is a broken promise", async () => {
  const ledger = new Ledger();
  for (const message of all.slice(0, 2)) see(ledger, message, {});
  const counted = {
    correlation_id: shop.event_id,
    first_seen_at: at,
    last_seen_at: at,
    events: 2,
    dead_letters: 0,
    root: null,
  };
  await checkFeed(ledger, {
    deadLetters: () => pageOf(),
    deadLetter: () => Promise.resolve(undefined),
    chains: () => pageOf(counted),
    chain: () => pageOf({ event: shop, seen_at: at }),
  });
  expect(ledger.violations).toContainEqual(
    expect.stringMatching(/counts 2 events and 0 dead letters .* shows 1 and 0/),
  );
});
