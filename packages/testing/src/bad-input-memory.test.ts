import type { Delivery, Publisher } from "@contextpilot/messaging";
import { badMessages } from "./bad-input.ts";
import { commitAgent } from "./commit-agent.ts";
import { memoryInUse } from "./memory-in-use.ts";

const MIB = 1024 * 1024;
const forgetting: Publisher = { publish: (messages) => Promise.resolve(messages.map((_, index) => String(index))) };
const { receive } = commitAgent(forgetting, { remember: false }).receiver;

let messages = 0;
const delivered = (message: Pick<Delivery, "data" | "attributes">): Delivery => ({
  ...message,
  messageId: String(++messages),
  publishTime: "2026-11-21T08:30:00Z",
  subscription: "context-from-git",
});

/** How much more memory is in use after `act` has been run so often than after it was run `warmup` times. */
async function growth(times: number, warmup: number, act: () => Promise<unknown>): Promise<number> {
  for (let time = 0; time < warmup; time += 1) await act();
  const before = await memoryInUse();
  for (let time = 0; time < times; time += 1) await act();
  return (await memoryInUse()) - before;
}

test("every row of bad input again and again leaves nothing in memory", async () => {
  const table = badMessages();
  const all = async (): Promise<void> => {
    for (const { data, attributes } of table) await receive(delivered({ data, attributes }));
  };
  // More than 12,000 deliveries: what is kept of each, be it 200 bytes, shows.
  expect(await growth(100, 20, all)).toBeLessThan(2 * MIB);
});

test("2,000 dead letters of 1 MiB leave nothing in memory", async () => {
  const dead = (): Promise<unknown> => receive(delivered({ data: Buffer.alloc(MIB, "{"), attributes: {} }));
  expect(await growth(2_000, 20, dead)).toBeLessThan(8 * MIB);
});
