import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { counted, type Benchmark } from "./benchmark.ts";
import { ratios } from "./figures.ts";
import { pushedRepositories, type PushedRepositories } from "./house/pushed-repositories.ts";
import { RunningHouse } from "./house/run-house.ts";
import { interleave } from "./interleave.ts";

const PUSHES = 100;
const PUSHES_LONG = 10_000;
const AT_ONCE = 4;
const CLI = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

/** What the embedded house takes: time to start, memory, and what it keeps after work. */
export const houseFootprint: Benchmark = {
  name: "house-footprint",
  measures: "start of the embedded house and its memory, before and after pushes of 10 files each",
  run: async (effort) => {
    const pushes = counted(effort.long ? PUSHES_LONG : PUSHES, effort);
    await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-"));
    const pushed = await pushedRepositories(folder.path, pushes);
    const { ready } = await interleave(effort, { ready: startUp });
    const worked: Worked[] = [];
    // Each in a process of its own, which nothing warms up; ten thousand pushes once are enough.
    for (let round = 0; round < (effort.long ? 1 : effort.rounds); round += 1) {
      await using house = await RunningHouse.start(join(folder.path, `data-${round}`), pushed.repositories);
      const before = await house.residentMb();
      await pushAll(house, pushed);
      worked.push({ readyMs: house.readyMs, before, after: await house.residentMb() });
    }
    const before = worked.map((round) => round.before);
    const after = worked.map((round) => round.after);
    return [
      {
        name: "contextpilot up, to ready with its demo repository",
        unit: "ms",
        values: ready,
        goal: { atMost: 3_000 },
      },
      {
        name: "the house alone, to ready",
        unit: "ms",
        values: worked.map(({ readyMs }) => readyMs),
        goal: { atMost: 3_000 },
      },
      { name: "resident memory after start", unit: "MB", values: before, goal: { atMost: 250 } },
      { name: `resident memory after ${pushes} pushes`, unit: "MB", values: after, goal: { atMost: 250 } },
      {
        name: `after ${pushes} pushes, of what it was at the start`,
        unit: "x",
        values: ratios(after, before),
        goal: { atMost: 1.2 },
      },
    ];
  },
};

interface Worked {
  readonly readyMs: number;
  readonly before: number;
  readonly after: number;
}

/** A few pushes at a time, each few when the nudges of those before are kept: work, and no backlog. */
async function pushAll(house: RunningHouse, { pushes, move }: PushedRepositories): Promise<void> {
  for (let sent = 0; sent < pushes.length; sent += AT_ONCE) {
    const few = pushes.slice(sent, sent + AT_ONCE);
    for (const push of few) await move(push);
    await Promise.all([...few.map((push) => house.push(push)), house.nudges(sent + few.length)]);
  }
}

/**
 * How long `contextpilot up` takes in a fresh folder, from the start of its process until it says that it is up. Without the
 * launcher, which would install first what is missing.
 */
async function startUp(): Promise<number> {
  await using data = await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-"));
  const startedAt = performance.now();
  const up = ["up", "--data", data.path, "--port", "0", "--api-port", "0"];
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CLI, ...up], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith("ContextPilot is up.")) return performance.now() - startedAt;
    }
    throw new Error("contextpilot up ended before it was up");
  } finally {
    child.kill("SIGTERM");
    await exit;
  }
}
