/**
 * Prints what a program's start takes, and another's beside it in turn: on the clock, and of a processor, which others on the machine
 * disturb less. Runs in a container, whose Node takes it as it is; docs/measurements.md has the command. Arguments: the two programs,
 * and the rounds.
 */
import { globSync, readFileSync } from "node:fs";
import { median, ratios } from "../figures.ts";
import { interleave } from "../interleave.ts";
import { timedStart } from "./timed-start.ts";

const [program = "", baseline = "", rounds = "21"] = process.argv.slice(2);

async function startOf(one: string): Promise<{ readonly clock: number; readonly processor: number }> {
  let processor = Number.NaN;
  // Asked when it listens; there is no ps to ask for the memory.
  const { ms } = await timedStart(one, (pid) => {
    processor = processorMsOf(pid);
    return Number.NaN;
  });
  return { clock: ms, processor };
}

/** Of all its threads: the kernel's first figure is nanoseconds on a processor. */
function processorMsOf(pid: number | undefined): number {
  const threads = globSync(`/proc/${pid}/task/*/schedstat`).map((file) => readFileSync(file, "utf8"));
  return threads.reduce((sum, line) => sum + Number(line.split(" ")[0]) / 1e6, 0);
}

const effort = { rounds: Number(rounds), scale: 1, long: false };
const starts = await interleave(effort, { program: () => startOf(program), baseline: () => startOf(baseline) });
for (const by of ["clock", "processor"] as const) {
  const [ours, bare] = [starts.program, starts.baseline].map((all) => all.map((start) => start[by])) as [
    number[],
    number[],
  ];
  for (const [name, values] of Object.entries({ program: ours, baseline: bare, ratio: ratios(ours, bare) })) {
    const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((ms) => ms.toFixed(2));
    process.stdout.write(`${by}, ${name}: ${middle} (${least}-${most})\n`);
  }
}
