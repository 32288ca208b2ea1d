/**
 * With a log on disk, and a group that is durable, events wait for their handler across restarts.
 *
 * > stopped before anyone handled it
 * > started again: order 42 on attempt 1
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBus, SqliteLog } from "@contextpilot/broker";

const folder = await mkdtemp(join(tmpdir(), "example-"));
const open = () => createBus({ source: "shop", log: SqliteLog.open({ file: join(folder, "bus.db") }) });
const shipping = { group: "shipping", durable: true };

{
  await using bus = open();
  const nobodyYet = await bus.subscribe("order.placed", () => {}, shipping);
  await nobodyYet.unsubscribe();
  await bus.publish({ event_type: "order.placed", data: { order: 42 } });
  console.log("stopped before anyone handled it");
}
{
  await using bus = open();
  await bus.subscribe(
    "order.placed",
    ({ data }, { attempt }) =>
      console.log(`started again: order ${(data as { order: number }).order} on attempt ${attempt}`),
    shipping,
  );
}
await rm(folder, { recursive: true });
