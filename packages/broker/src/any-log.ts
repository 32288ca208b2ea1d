import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Broker, type BrokerOptions } from "./broker.ts";
import { MemoryLog } from "./memory-log.ts";
import type { MessageLog } from "./message-log.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { topologyOf } from "./test-topology.ts";

/** The same tests over both logs; `start` opens a broker over a log of its own, or again over what the last one left. */
export function overBothLogs(tests: (start: (options?: Partial<BrokerOptions>) => Promise<Broker>) => void): void {
  describe.each(["memory", "SQLite"])("over the %s log", (kind) => {
    let folder: string;
    let log: MessageLog;
    let broker: Broker | undefined;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "broker-"));
      log = new MemoryLog();
    });
    afterEach(async () => {
      await broker?.close({ graceMs: 0 });
      broker = undefined;
      rmSync(folder, { recursive: true });
    });

    tests(async (options = {}) => {
      await broker?.close({ graceMs: 0 });
      if (kind === "SQLite") log = SqliteLog.open({ file: join(folder, "broker.db") });
      broker = new Broker({ topology: topologyOf(), log, retryScale: 0.001, ...options });
      return broker;
    });
  });
}
