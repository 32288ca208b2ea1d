import { execFile } from "node:child_process";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GitRepository, type CommitPlan } from "@contextpilot/testing";
import { counted, type Benchmark } from "./benchmark.ts";
import { RunningHouse } from "./house/run-house.ts";
import { interleave } from "./interleave.ts";

const IMPORTED = 5_000;
const WATCHED = 50_000;
const FILES = 200;
const CLI = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

/** A repository of one's own: how long it takes to follow it, and to read its history through all agents. */
export const historyImport: Benchmark = {
  name: "history-import",
  measures:
    "watch --since of a history with 3 files a commit through the embedded house; watch of a long history alone",
  run: async (effort) => {
    const imported = counted(IMPORTED, effort);
    const watched = counted(WATCHED, effort);
    await using folder = await mkdtempDisposable(join(tmpdir(), "contextpilot-bench-"));
    const history = await GitRepository.create(join(folder.path, "history.git"));
    await history.commitAll(Array.from({ length: imported }, (_, commit) => planOf(commit)));
    const long = await GitRepository.create(join(folder.path, "long.git"));
    await long.commitAll(Array.from({ length: watched }, () => ({})));

    const data = join(folder.path, "data");
    // Once: it takes longer than all rounds of another benchmark.
    const { seconds, memory } = await importInto(data, history, imported);
    const { watching } = await interleave(effort, {
      watching: async () => {
        const beganAt = performance.now();
        await contextpilot("watch", long.path, "--data", data);
        return performance.now() - beganAt;
      },
    });
    return [
      {
        name: `${imported} commits through all agents`,
        unit: "ms",
        values: [seconds * 1000],
        goal: { atMost: 60_000 },
      },
      { name: "commits a second", unit: "/s", values: [imported / seconds] },
      { name: "resident memory at its end", unit: "MB", values: [memory.end] },
      {
        name: "the same, of a quarter on the way",
        unit: "x",
        values: [memory.end / memory.quarter],
        goal: { atMost: 1.2 },
      },
      { name: `watch, ${watched} commits`, unit: "ms", values: watching, goal: { atMost: 2_000 } },
    ];
  },
};

async function importInto(data: string, { path }: GitRepository, commits: number) {
  await using house = await RunningHouse.start(data, {});
  const sizes = [await house.residentMb()];
  const importing = contextpilot("watch", path, "--since", "2020-01-01", "--json", "--data", data);
  const ended = importing.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([ended, pause(100, false)]))) sizes.push(await house.residentMb());
  const { imported } = JSON.parse(await importing) as { imported: { measured: number; seconds: number } };
  if (imported.measured !== commits) throw new Error(`${imported.measured} of ${commits} commits were measured`);
  const at = (share: number): number => sizes[Math.floor((sizes.length - 1) * share)] ?? Number.NaN;
  return { seconds: imported.seconds, memory: { quarter: at(0.25), end: at(1) } };
}

/** As the command line runs, without the launcher. */
async function contextpilot(...args: readonly string[]): Promise<string> {
  const program = ["--disable-warning=ExperimentalWarning", CLI, ...args];
  return (await promisify(execFile)(process.execPath, program)).stdout;
}

/** Three of the files change, each in some lines of a hundred; each commit is one of twenty people's. */
function planOf(commit: number): CommitPlan {
  const author = { name: `Author ${commit % 20}`, email: `author-${commit % 20}@example.org` };
  const changes = [commit, commit * 7 + 1, commit * 13 + 5].map((file) => ({
    path: `src/part-${file % 20}/file-${file % FILES}.ts`,
    content: Array.from(
      { length: 100 },
      (_, line) => `  const value${line} = ${line % 9 === commit % 9 ? commit : line};\n`,
    ).join(""),
  }));
  return { message: `feat: step ${commit}`, author, changes };
}
