import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@contextpilot/testing";
import { runProgram, type Program } from "./run-program.ts";

const CLI = new URL("../../packages/cli/src/main.ts", import.meta.url);

let folder: string;
const running = new Set<Program>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-newcomer-"));
});
afterEach(async () => {
  for (const program of running) await program.stop("SIGKILL");
  running.clear();
  await rm(folder, { recursive: true, force: true });
});

function contextpilot(...args: readonly string[]): Program {
  const program = runProgram(CLI, args);
  running.add(program);
  return program;
}

interface JsonLine {
  readonly at_ms?: number;
  readonly by?: string;
  readonly event?: {
    readonly event_id: string;
    readonly event_type: string;
    readonly correlation_id: string;
    readonly parent_event_id?: string;
    readonly user_id?: string;
  };
  readonly chain?: string;
  readonly correlation_id?: string;
  readonly events?: number;
  readonly ms?: number;
}
const parsed = (program: Program): readonly JsonLine[] => program.lines.map((line) => JSON.parse(line) as JsonLine);

test("up --once --json prints one chain from push to nudge, nothing else, and exits 0", async () => {
  const program = contextpilot("up", "--once", "--json");
  expect(await program.ended()).toBe(0);
  const lines = parsed(program);
  const last = lines.at(-1);
  const events = lines.slice(0, -1);

  expect(events.map(({ by, event }) => [by, event?.event_type])).toEqual([
    ["webhook", "git.push.v1"],
    ["git-agent", "git.commit.v1"],
    ["context-agent", "context.update.v1"],
    ["coach-agent", "coach.nudge.v1"],
  ]);
  // One chain, each event caused by the one before it.
  expect(new Set(events.map(({ event }) => event?.correlation_id))).toEqual(new Set([last?.correlation_id]));
  expect(events.slice(1).map(({ event }) => event?.parent_event_id)).toEqual(
    events.slice(0, -1).map(({ event }) => event?.event_id),
  );
  expect(events.every(({ at_ms }) => Number.isInteger(at_ms))).toBe(true);
  expect(last).toMatchObject({ chain: "complete", events: 4, ms: events.at(-1)?.at_ms });
  expect(program.errors()).toBe("");
});

/** Starts the house and waits until it says how to go on. */
const start = async (): Promise<{ readonly program: Program; readonly author: string }> => {
  const program = contextpilot("up", "--data", folder, "--port", "0", "--api-port", "0");
  await until(
    () => program.lines.some((line) => line.includes("Ctrl-C stops")),
    () => program.lines.join("\n") + program.errors(),
    { withinMs: 30_000 },
  );
  return {
    program,
    author: /(\w+ \w+) pushes/.exec(program.lines.find((line) => line.includes(" pushes ")) ?? "")?.[1] ?? "",
  };
};
const stop = async (program: Program): Promise<void> => {
  const began = performance.now();
  expect(await program.stop("SIGINT")).toBe(0);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(program.errors()).toBe("");
};

test("up stays, Ctrl-C ends it within 2 s, and a second start has kept the state and pushes as another author", async () => {
  const first = await start();
  expect(first.program.lines.join("\n")).toContain("empty data folder");
  expect(first.program.lines.join("\n")).toContain("The chain is complete");
  await stop(first.program);

  const second = await start();
  expect(second.program.lines.join("\n")).toContain("It has kept 1 chain");
  expect(second.program.lines.join("\n")).toContain("The chain is complete");
  expect(second.author).not.toBe("");
  expect(second.author).not.toBe(first.author);
  await stop(second.program);
});

test("a taken port is named with the flag that changes it, and nothing is left running", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  try {
    for (const flag of ["--port", "--api-port"]) {
      const program = contextpilot(
        "up",
        "--data",
        join(folder, flag),
        "--port",
        "0",
        "--api-port",
        "0",
        flag,
        String(port),
      );
      expect(await program.ended()).toBe(1);
      expect(program.errors().trim().split("\n")).toEqual([expect.stringMatching(new RegExp(`port ${port}.*${flag}`))]);
    }
  } finally {
    server.close();
  }
});

test("a second house on the same data folder is refused in one line", async () => {
  const first = contextpilot("up", "--data", folder, "--port", "0", "--api-port", "0");
  await until(
    () => first.lines.some((line) => line.includes("Ctrl-C stops")),
    () => first.errors(),
    { withinMs: 30_000 },
  );
  const second = contextpilot("up", "--data", folder, "--port", "0", "--api-port", "0");
  expect(await second.ended()).toBe(1);
  expect(second.errors().trim().split("\n")).toEqual([expect.stringContaining("in use")]);
});

test("--once leaves nothing behind", async () => {
  const program = runProgram(CLI, ["up", "--once"], { temporary: folder });
  running.add(program);
  expect(await program.ended()).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});
