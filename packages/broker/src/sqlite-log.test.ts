import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { until } from "@contextpilot/testing";
import type { NewMessage } from "./message-log.ts";
import { SqliteLog } from "./sqlite-log.ts";

const messageTo = (...subscriptions: string[]): NewMessage => ({
  topic: "topic",
  data: Buffer.alloc(10_000),
  attributes: {},
  publishTime: "2026-11-21T08:00:00.000Z",
  subscriptions,
});

describe("the SQLite log's file", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "log-"));
    file = join(folder, "broker.db");
  });
  afterEach(() => rm(folder, { recursive: true }));

  function countOf(table: "messages" | "pending"): unknown {
    using database = new DatabaseSync(file);
    return database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.["count"];
  }

  test("keeps a message as long as one subscription needs it, and no longer", async () => {
    let log = SqliteLog.open({ file });
    const [kept = 0, gone = 0] = await log.append([messageTo("a", "b"), messageTo("a", "b"), messageTo()]);
    log.ack("a", kept);
    log.ack("a", gone);
    log.ack("b", gone);
    await log.close();
    expect([countOf("messages"), countOf("pending")]).toEqual([1, 1]);
    log = SqliteLog.open({ file });
    log.ack("b", kept);
    await log.close();
    expect([countOf("messages"), countOf("pending")]).toEqual([0, 0]);
  });

  test("keeps what is retained, until it is dropped", async () => {
    let log = SqliteLog.open({ file });
    const numbers = await log.append(Array.from({ length: 3000 }, () => messageTo("a", "b")));
    for (const number of numbers) log.ack("a", number, true);
    for (const number of numbers) log.ack("b", number);
    await log.close();
    expect([countOf("messages"), countOf("pending")]).toEqual([3000, 0]);
    log = SqliteLog.open({ file });
    await log.drop("a", numbers[2500] ?? 0);
    await log.close();
    expect([countOf("messages"), countOf("pending")]).toEqual([500, 0]);
  });

  test("never has what is not persistent, nor what only subscriptions get that are not durable", async () => {
    const log = SqliteLog.open({ file });
    const passing = { name: "passing", topic: "topic", ordered: false, ackDeadlineSeconds: 10 };
    await log.save({ ...passing, retry: { minimumSeconds: 10, maximumSeconds: 600 } }, false);
    const messages = [{ ...messageTo("a"), persistent: false }, messageTo("passing"), messageTo("a", "passing")];
    const numbers = await log.append(messages);
    expect((await log.pending("a", 0, 10)).map(({ sequence }) => sequence)).toEqual([numbers[0], numbers[2]]);
    expect((await log.pending("passing", 0, 10)).map(({ sequence }) => sequence)).toEqual(numbers.slice(1));
    await log.close();
    expect([countOf("messages"), countOf("pending")]).toEqual([1, 1]);
  });

  test("writes acks soon, without being asked", async () => {
    const log = SqliteLog.open({ file });
    const numbers = await log.append(Array.from({ length: 2500 }, () => messageTo("a")));
    for (const number of numbers) log.ack("a", number);
    let left = 2500;
    await until(() => {
      void log.pending("a", 0, 10_000).then((pending) => (left = pending.length));
      return left === 0;
    }, "the acks in the file");
    expect(await log.read(numbers.slice(0, 1))).toEqual([undefined]);
    await log.close();
  });

  test("keeps acks that could not be written, and writes them later", async () => {
    const errors: unknown[] = [];
    const log = SqliteLog.open({ file, onError: (error) => errors.push(error) });
    const numbers = await log.append([messageTo("a"), messageTo("a")]);
    const write = JSON.stringify;
    JSON.stringify = () => {
      JSON.stringify = write;
      throw new Error("no memory");
    };
    for (const number of numbers) log.ack("a", number);
    await until(() => errors.length === 1, "the failure");
    await log.close();
    expect([countOf("messages"), countOf("pending")]).toEqual([0, 0]);
  });

  test("is one broker's alone", async () => {
    const log = SqliteLog.open({ file });
    expect(() => SqliteLog.open({ file })).toThrow("is in use by another ContextPilot");
    await log.close();
  });
});
