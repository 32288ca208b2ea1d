import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Recorder } from "@contextpilot/testing";
import { Broker } from "./broker.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { topologyOf } from "./test-topology.ts";

const publisher = fileURLToPath(new URL("./publish-until-killed.ts", import.meta.url));

describe("kill -9 while publishing", () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "broker-"))));
  afterAll(() => rm(folder, { recursive: true }));

  test.each([1, 2, 3, 4, 5])("round %i: what was accepted is delivered after opening again", async (round) => {
    const file = join(folder, "broker.db");
    const child = spawn(process.execPath, [publisher, file, String(round)], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const accepted: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      accepted.push(line);
      if (accepted.length === 300 + 150 * round) child.kill("SIGKILL");
    }
    expect(await exited).toEqual([null, "SIGKILL"]);
    // The last line may have been cut in the middle.
    const complete = accepted.slice(0, -1);

    const broker = new Broker({ topology: topologyOf(), log: SqliteLog.open({ file }) });
    const recorder = new Recorder();
    await broker.subscribe("sub", recorder.deliver);
    await recorder.untilAcked(complete.length);
    await broker.close();
    const delivered = new Set(recorder.acked.map(({ messageId }) => messageId));
    expect(complete.filter((id) => !delivered.has(id))).toEqual([]);
  });
});
