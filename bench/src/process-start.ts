import { execFile } from "node:child_process";
import { cp, mkdtempDisposable, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { ratios } from "./figures.ts";
import { interleave } from "./interleave.ts";
import { timedStart, type Start } from "./process-start/timed-start.ts";

const BUNDLE = fileURLToPath(new URL("../../scripts/bundle.ts", import.meta.url));
const BARE = fileURLToPath(new URL("./process-start/bare-fastify.ts", import.meta.url));

/** What a bundled agent's start takes on Pub/Sub and Firestore, whose clients wait for their first use. */
export const processStart: Benchmark = {
  name: "process-start",
  measures:
    "start of the bundled context-agent to listening, and its memory then, beside a bare Fastify route bundled alike",
  run: async (effort) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-"));
    for (const program of ["context-agent", BARE]) {
      await promisify(execFile)(process.execPath, [BUNDLE, program, "--out", folder.path]);
    }
    const serverOf = (bundle: string): string => join(folder.path, bundle, "server.js");
    await cp(join(folder.path, "context-agent"), join(folder.path, "cold"), { recursive: true });
    const starts = await interleave<"bare" | "agent" | "cold", Start>(effort, {
      bare: () => timedStart(serverOf("bare-fastify")),
      agent: () => timedStart(serverOf("context-agent")),
      cold: async () => {
        await rm(join(folder.path, "cold/compile-cache"), { recursive: true, force: true });
        return timedStart(serverOf("cold"));
      },
    });
    const { bare, agent, cold } = starts;
    return [
      { name: "context-agent, to listening", unit: "ms", values: ms(agent), goal: { atMost: 300 } },
      { name: "context-agent, nothing compiled before", unit: "ms", values: ms(cold), goal: { atMost: 300 } },
      { name: "a bare Fastify route, to listening", unit: "ms", values: ms(bare) },
      {
        name: "context-agent, of the bare route",
        unit: "x",
        values: ratios(ms(agent), ms(bare)),
        goal: { atMost: 1.5 },
      },
      { name: "context-agent, resident memory", unit: "MB", values: memory(agent), goal: { atMost: 100 } },
      { name: "context-agent, nothing compiled before, resident memory", unit: "MB", values: memory(cold) },
      { name: "a bare Fastify route, resident memory", unit: "MB", values: memory(bare) },
    ];
  },
};

const ms = (of: readonly Start[]) => of.map((start) => start.ms);
const memory = (of: readonly Start[]) => of.map((start) => start.residentMb);
