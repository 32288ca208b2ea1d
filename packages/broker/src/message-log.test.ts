import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { MemoryLog } from "./memory-log.ts";
import type { MessageLog, NewMessage } from "./message-log.ts";
import { SqliteLog } from "./sqlite-log.ts";

const SUBSCRIPTIONS = ["a", "b", "c"];
const messageTo = (
  subscriptions: readonly string[],
  data: string | Buffer = "data",
  orderingKey?: string,
): NewMessage => ({
  topic: "topic",
  data: Buffer.from(data),
  attributes: { name: "value" },
  publishTime: "2026-11-21T08:00:00.000Z",
  orderingKey,
  subscriptions,
});

describe.each(["memory", "SQLite"])("the %s log", (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  let files = 0;
  const file = () => join(folder, `${files}.db`);
  const open = (): MessageLog => (kind === "memory" ? new MemoryLog() : SqliteLog.open({ file: file() }));
  let log: MessageLog;
  beforeEach(() => {
    files++;
    log = open();
  });
  afterEach(() => log.close());
  afterAll(() => rmSync(folder, { recursive: true }));

  test("numbers rise with the calls and within them, also where nobody gets the message", async () => {
    const calls = [1, 2, 3].map(() => log.append([messageTo(["a"]), messageTo([]), messageTo(["a", "b"])]));
    const numbers = (await Promise.all(calls)).flat();
    const kept = (await log.pending("a", 0, 10)).map(({ sequence }) => sequence);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(kept).toEqual(numbers.filter((_, place) => place % 3 !== 1));
    expect(new Set(numbers).size).toBe(9);
  });

  test("a page starts after a number and has its limit", async () => {
    const numbers = await log.append([1, 2, 3, 4, 5].map((n) => messageTo(["a"], `${n}`, `key ${n}`)));
    const page = await log.pending("a", numbers[0] ?? 0, 3);
    expect(page.map(({ sequence }) => sequence)).toEqual(numbers.slice(1, 4));
    expect(page.map(({ orderingKey }) => orderingKey)).toEqual(["key 2", "key 3", "key 4"]);
    expect(await log.pending("unheard-of", 0, 3)).toEqual([]);
  });

  test("a message of any size is read as it was appended, until the last subscription has it", async () => {
    const messages = [messageTo(["a", "b"], Buffer.alloc(0)), messageTo(["a"], Buffer.alloc(20_000, 7), "key")];
    const numbers = await log.append(messages);
    const read = await log.read([...numbers, 1]);
    expect(read.map((message) => message?.data.byteLength)).toEqual([0, 20_000, undefined]);
    expect(read[1]).toMatchObject({ topic: "topic", orderingKey: "key", attributes: { name: "value" } });
    expect(Buffer.alloc(20_000, 7).equals(read[1]?.data ?? Buffer.alloc(0))).toBe(true);
  });

  test("among thousands that came and went, those that stayed are there as they were", async () => {
    const numbers = await log.append(Array.from({ length: 5_000 }, (_, n) => messageTo(["a"], `data ${n}`)));
    const kept = numbers.filter((_, n) => n % 1_000 === 7);
    for (const number of numbers) if (!kept.includes(number)) log.ack("a", number);
    expect((await log.pending("a", 0, 10_000)).filter(({ sequence }) => kept.includes(sequence))).toHaveLength(5);
    const read = await log.read(kept);
    expect(read.map((message) => Buffer.from(message?.data ?? []).toString())).toEqual(
      [7, 1007, 2007, 3007, 4007].map((n) => `data ${n}`),
    );
  });

  test("a settled message and the one in its place come in one step", async () => {
    const [first = 0] = await log.append([messageTo(["a"])]);
    const [second] = await log.append([messageTo(["b"])], { subscription: "a", sequence: first });
    expect(await log.pending("a", 0, 10)).toEqual([]);
    expect((await log.pending("b", 0, 10)).map(({ sequence }) => sequence)).toEqual([second]);
  });

  test("what is pending is what was appended and not acked, with its failures, whatever the order of things", async () => {
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.record({ append: fc.array(fc.subarray(SUBSCRIPTIONS), { maxLength: 40 }) }) },
      {
        weight: 4,
        arbitrary: fc.record({ ack: fc.constantFrom(...SUBSCRIPTIONS), place: fc.nat(), retain: fc.boolean() }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ drop: fc.constantFrom(...SUBSCRIPTIONS), place: fc.nat(), retain: fc.boolean() }),
      },
      { weight: 1, arbitrary: fc.record({ restore: fc.constantFrom(...SUBSCRIPTIONS), place: fc.nat() }) },
      {
        weight: 1,
        arbitrary: fc.record({ nack: fc.constantFrom(...SUBSCRIPTIONS), place: fc.nat(), count: fc.nat(99) }),
      },
      { weight: 1, arbitrary: fc.constant("reopen" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const model = new Map(SUBSCRIPTIONS.map((name) => [name, new Map<number, number>()]));
        const retained = new Map(SUBSCRIPTIONS.map((name) => [name, new Set<number>()]));
        const pick = (name: string, place: number, from: "pending" | "retained" = "pending") => {
          const numbers = [...((from === "pending" ? model : retained).get(name)?.keys() ?? [])];
          return numbers[place % numbers.length];
        };
        const settle = (name: string, number: number, retain: boolean) => {
          model.get(name)?.delete(number);
          if (retain) retained.get(name)?.add(number);
        };
        const counts: [said: number, expected: number][] = [];
        for (const step of steps) {
          if (step === "reopen") {
            await log.close();
            if (kind === "SQLite") log = open();
          } else if ("append" in step) {
            const numbers = await log.append(step.append.map((recipients) => messageTo(recipients)));
            for (const [place, recipients] of step.append.entries()) {
              for (const name of recipients) model.get(name)?.set(numbers[place] ?? 0, 0);
            }
          } else if ("ack" in step) {
            const number = pick(step.ack, step.place);
            if (number === undefined) continue;
            settle(step.ack, number, step.retain);
            log.ack(step.ack, number, step.retain);
          } else if ("drop" in step) {
            const below = pick(step.drop, step.place) ?? 0;
            const dropped = [...(model.get(step.drop)?.keys() ?? [])].filter((number) => number < below);
            for (const number of dropped) settle(step.drop, number, step.retain);
            if (!step.retain) {
              for (const number of retained.get(step.drop) ?? [])
                if (number < below) retained.get(step.drop)?.delete(number);
            }
            counts.push([await log.drop(step.drop, below, step.retain), dropped.length]);
          } else if ("restore" in step) {
            const from = pick(step.restore, step.place, "retained") ?? 0;
            const restored = [...(retained.get(step.restore) ?? [])].filter((number) => number >= from);
            for (const number of restored) {
              retained.get(step.restore)?.delete(number);
              model.get(step.restore)?.set(number, 0);
            }
            counts.push([await log.restore(step.restore, from), restored.length]);
          } else {
            const number = pick(step.nack, step.place);
            if (number === undefined) continue;
            model.get(step.nack)?.set(number, step.count);
            log.nack(step.nack, number, step.count);
          }
        }
        await log.close();
        if (kind === "SQLite") log = open();
        const found = await Promise.all(SUBSCRIPTIONS.map((name) => log.pending(name, 0, 10_000)));
        expect(found.map((page) => page.map(({ sequence, attempts }) => [sequence, attempts]))).toEqual(
          SUBSCRIPTIONS.map((name) => [...(model.get(name) ?? [])].sort(([a], [b]) => a - b)),
        );
        for (const name of SUBSCRIPTIONS) {
          const pending = [...(model.get(name)?.keys() ?? [])];
          const kept = [...pending, ...(retained.get(name) ?? [])];
          expect(await log.backlog(name)).toEqual({
            depth: pending.length,
            oldest: pending.length === 0 ? undefined : Math.min(...pending),
            oldestKept: kept.length === 0 ? undefined : Math.min(...kept),
          });
        }
        const needed = new Set(found.flatMap((page) => page.map(({ sequence }) => sequence)));
        expect((await log.read([...needed])).every((message) => message !== undefined)).toBe(true);
        for (const name of SUBSCRIPTIONS) await log.drop(name, Infinity);
        expect(counts.map(([said]) => said)).toEqual(counts.map(([, expected]) => expected));
      }),
      { numRuns: kind === "memory" ? 100 : 25 },
    );
  });
});
