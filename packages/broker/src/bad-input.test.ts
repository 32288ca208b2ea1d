import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore, PublishError, acknowledgementOf, type Outcome, type Subscriber } from "@contextpilot/messaging";
import { SqliteStore } from "@contextpilot/sqlite";
import { Recorder, badMessages, commitAgent, endOf, goodCommit, until, type BadMessage } from "@contextpilot/testing";
import { Broker } from "./broker.ts";
import type { BrokerTopology } from "./broker-topology.ts";
import { MemoryLog } from "./memory-log.ts";
import { PullSubscriber } from "./pull-subscriber.ts";
import { SqliteLog } from "./sqlite-log.ts";

const defaults = { ordered: false, ackDeadlineSeconds: 60, retry: { minimumSeconds: 10, maximumSeconds: 600 } };
const topology: BrokerTopology = {
  topics: [{ name: "git-events" }, { name: "git-events-dlq" }, { name: "context-updates" }],
  subscriptions: [
    { name: "context-from-git", topic: "git-events", ...defaults },
    { name: "dead", topic: "git-events-dlq", ...defaults },
  ],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "broker-"));
});
afterAll(() => rm(folder, { recursive: true }));

const newFile = () => join(folder, `${crypto.randomUUID()}.db`);
const logs = {
  memory: () => ({ log: new MemoryLog(), store: new MemoryStore(), close: () => {} }),
  SQLite: () => {
    const store = SqliteStore.open({ file: newFile() });
    return { log: SqliteLog.open({ file: newFile() }), store, close: () => store.close() };
  },
};
const ways: Record<string, (broker: Broker) => Subscriber> = {
  "by function": (broker) => broker,
  pulled: (broker) => new PullSubscriber(broker),
};
const combinations = Object.entries(logs).flatMap(([place, open]) =>
  Object.entries(ways).map(([way, subscriberOf]) => ({ place, open, way, subscriberOf })),
);

const all = badMessages().map((message) => [message.name, message.ends, message] as const);
const taken = all.filter(([, , { noBusTakesIt }]) => !noBusTakesIt);
const refused = all.filter(([, , { noBusTakesIt }]) => noBusTakesIt);

describe.each(combinations)("bad input through the broker, $place, $way", ({ open, subscriberOf }) => {
  let broker: Broker;
  let closeStore: () => unknown;
  let outcomes: Map<string, Outcome>;
  let dead: Recorder;
  beforeAll(async () => {
    const { log, store, close } = open();
    closeStore = close;
    broker = new Broker({ topology, log });
    const { receiver } = commitAgent(broker, { store });
    outcomes = new Map();
    dead = new Recorder();
    await subscriberOf(broker).subscribe("context-from-git", async (delivery) => {
      const outcome = await receiver.receive(delivery);
      outcomes.set(delivery.messageId, outcome);
      return acknowledgementOf(outcome);
    });
    await broker.subscribe("dead", dead.deliver);
  });
  afterAll(async () => {
    await broker.close({ graceMs: 1_000 });
    await closeStore();
  });

  async function endOfPublished({ data, attributes }: Pick<BadMessage, "data" | "attributes">): Promise<string> {
    const [id = ""] = await broker.publish([{ topic: "git-events", data, attributes }]);
    await until(() => outcomes.has(id), "the delivery");
    const outcome = outcomes.get(id);
    return outcome === undefined ? "" : endOf(outcome);
  }

  test.each(taken)("%s: %s", async (_name, ends, { data, attributes }) => {
    const before = dead.deliveries.length;
    expect(await endOfPublished({ data, attributes })).toBe(ends);
    const isDead = [...outcomes.values()].at(-1)?.kind === "dead-lettered";
    expect(await endOfPublished(goodCommit())).toBe("handled");

    await dead.untilDelivered(before + (isDead ? 1 : 0));
    const letters = dead.deliveries.slice(before);
    expect(letters.map((letter) => Buffer.compare(letter.data, data))).toEqual(isDead ? [0] : []);
    const about = expect.objectContaining({ ...attributes, dead_letter_code: ends });
    expect(letters.map((letter) => letter.attributes)).toEqual(isDead ? [about] : []);
  });

  test.each(refused)("%s: refused when it is published", async (_name, _ends, message) => {
    const before = outcomes.size;
    await expect(endOfPublished(message)).rejects.toThrow(PublishError);
    expect(await endOfPublished(goodCommit())).toBe("handled");
    expect(outcomes.size).toBe(before + 1);
  });
});
