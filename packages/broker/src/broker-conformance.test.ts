import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publisherSubscriberConformance, type ConformanceTopology } from "@contextpilot/testing";
import { Broker } from "./broker.ts";
import { MemoryLog } from "./memory-log.ts";
import type { MessageLog } from "./message-log.ts";
import { PullSubscriber } from "./pull-subscriber.ts";
import { SqliteLog } from "./sqlite-log.ts";

function brokerOver(log: MessageLog, topology: ConformanceTopology): Broker {
  return new Broker({ topology, log, retryScale: 0.001 });
}

publisherSubscriberConformance(
  "the broker over the memory log",
  async (topology) => {
    const broker = brokerOver(new MemoryLog(), topology);
    return { publisher: broker, subscriber: broker, close: () => broker.close({ graceMs: 0 }) };
  },
  { durable: "it is memory" },
);

publisherSubscriberConformance("the broker over the SQLite log", async (topology) => {
  const folder = await mkdtemp(join(tmpdir(), "broker-"));
  const open = () => brokerOver(SqliteLog.open({ file: join(folder, "broker.db") }), topology);
  let broker = open();
  return {
    publisher: broker,
    subscriber: broker,
    reopen: async () => {
      await broker.close({ graceMs: 0 });
      broker = open();
      return { publisher: broker, subscriber: broker };
    },
    close: async () => {
      await broker.close({ graceMs: 0 });
      await rm(folder, { recursive: true });
    },
  };
});

publisherSubscriberConformance(
  "the broker, asked for its messages,",
  async (topology) => {
    const broker = brokerOver(new MemoryLog(), topology);
    return { publisher: broker, subscriber: new PullSubscriber(broker), close: () => broker.close({ graceMs: 0 }) };
  },
  { durable: "it is memory" },
);
