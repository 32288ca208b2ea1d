import { once } from "node:events";
import { Broker } from "./broker.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { messageOf, topologyOf } from "./test-topology.ts";

/** Publishes, from 20 sides at once, into the file it is given, and says each id that was accepted. For the test that kills it. */
const [file = "", round = ""] = process.argv.slice(2);
const broker = new Broker({ topology: topologyOf(), log: SqliteLog.open({ file }) });
await Promise.all(
  Array.from({ length: 20 }, async (_, side) => {
    for (let n = 0; ; n++) {
      const ids = await broker.publish([messageOf(`${round} ${side} ${n}`), messageOf(`${round} ${side} ${n}b`)]);
      if (!process.stdout.write(`${ids.join("\n")}\n`)) await once(process.stdout, "drain");
    }
  }),
);
