import { join } from "node:path";
import { createLogger } from "@contextpilot/agent-host";
import type { Delivery } from "@contextpilot/messaging";
import { deliveryOf } from "@contextpilot/testing";
import { createFeed, type Feed } from "./feed.ts";
import { push, said, temporaryFolder } from "./house.fixture.ts";
import { SqliteReadModel } from "./sqlite-read-model.ts";
import type { FeedEntry } from "./take-delivery.ts";

const NOW = "2026-03-02T12:00:01.000Z";
const all = { tenant_id: "default", limit: 50 };
const event = said("e1", push());

let folder: ReturnType<typeof temporaryFolder>;
let feed: Feed;
let lines: string[];
let heard: FeedEntry[];

beforeEach(() => {
  folder = temporaryFolder();
  [lines, heard] = [[], []];
  feed = createFeed({
    readModel: SqliteReadModel.open({ file: join(folder.path, "dashboard.db") }),
    logger: createLogger({ service: "dashboard", destination: { write: (line) => void lines.push(line) } }),
    clock: { now: () => new Date(NOW) },
  });
  feed.follow((entry) => heard.push(entry));
});
afterEach(async () => {
  await feed.close();
  folder.remove();
});

const onTopic = (over: Partial<Delivery> = {}): Delivery => deliveryOf(event, { subscription: "ui-from-git", ...over });
const deadLetter = (over: Partial<Delivery> = {}): Delivery =>
  onTopic({ subscription: "ui-from-git-dlq", data: Buffer.from("{"), ...over });

test("an event is kept and told once, whatever messages bring it", async () => {
  await feed.take(onTopic({ messageId: "1" }));
  await feed.take(onTopic({ messageId: "2", deliveryAttempt: 2 }));

  expect(heard).toEqual([{ kind: "event", event, seen_at: NOW }]);
  expect((await feed.readModel.events(all)).items).toHaveLength(1);
});

test("it is kept before it is told", async () => {
  const kept: Promise<number>[] = [];
  feed.follow(() => kept.push(feed.readModel.events(all).then(({ items }) => items.length)));
  await feed.take(onTopic());
  expect(await Promise.all(kept)).toEqual([1]);
});

test("what is no event is left to its consumer, with a line in the log", async () => {
  await feed.take(onTopic({ data: Buffer.from([0xff]) }));
  await feed.take(onTopic({ data: Buffer.from(`{"event_id":"e2"}`) }));

  expect((await feed.readModel.events(all)).items).toEqual([]);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { subscription: "ui-from-git", reason: "data: is not valid UTF-8" },
    { subscription: "ui-from-git", reason: expect.stringContaining("event_type") as string },
  ]);
});

test("a dead letter is kept byte for byte and told, once by its dead_letter_id", async () => {
  const data = Buffer.from([0, 0xff, 0x7b]);
  await feed.take(deadLetter({ data, messageId: "1", attributes: { dead_letter_id: "d1" } }));
  await feed.take(deadLetter({ data, messageId: "2", attributes: { dead_letter_id: "d1" } }));

  expect(heard).toMatchObject([{ kind: "dead-letter", dead_letter: { dead_letter_id: "d1", seen_at: NOW } }]);
  const kept = await feed.readModel.deadLetter("default", "d1");
  expect(Buffer.from(kept?.data ?? [])).toEqual(data);
});

test("a dead letter without an id of the house is kept once by its message", async () => {
  await feed.take(deadLetter({ messageId: "1" }));
  await feed.take(deadLetter({ messageId: "1" }));
  await feed.take(deadLetter({ messageId: "2" }));
  await feed.take(deadLetter({ messageId: "2", subscription: "ui-from-context-dlq" }));

  expect((await feed.readModel.deadLetters(all)).items).toHaveLength(3);
});

test("a listener that fails hinders neither the others nor the delivery", async () => {
  const others: FeedEntry[] = [];
  feed.follow(() => {
    throw new Error("the terminal is gone");
  });
  feed.follow((entry) => others.push(entry));

  await feed.take(onTopic());
  expect(others).toHaveLength(1);
  expect(lines.join("")).toContain("the terminal is gone");
});

test("who stopped following hears nothing more", async () => {
  const mine: FeedEntry[] = [];
  const listener = (entry: FeedEntry) => void mine.push(entry);
  const stop = feed.follow(listener);
  feed.follow(listener);
  stop();
  stop();

  await feed.take(onTopic());
  expect(mine).toHaveLength(1);
});

test("what cannot be kept is rejected, so that it comes again, and not told", async () => {
  await feed.readModel.close();
  await expect(feed.take(onTopic())).rejects.toThrow("was closed");
  expect(heard).toEqual([]);
  feed = createFeed({
    readModel: SqliteReadModel.open({ file: join(folder.path, "dashboard.db") }),
    logger: createLogger({ service: "dashboard", level: "silent" }),
  });
});
