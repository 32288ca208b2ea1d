import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { benchmarks } from "./benchmarks.ts";
import { linesOf, machine, recordOf } from "./report.ts";

const rounds = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100) return value;
  throw new InvalidArgumentError("a number from 1 to 100.");
};

const program = new Command("bench")
  .description(
    "Measures the house against baselines in the same run. Figures below their goal are said, and fail nothing.",
  )
  .option("--json", "one JSON object a line: the machine, then each benchmark", false)
  .addOption(new Option("--only <name>", "this one alone").choices(benchmarks.map(({ name }) => name)))
  .option("--rounds <number>", "how often each contestant runs", rounds, 5)
  .option("--long", "with what takes minutes: the memory after 10,000 pushes", false);

const { json, only, rounds: times, long } = program.parse().opts();
const print = (line: string): void => void process.stdout.write(`${line}\n`);

print(json ? JSON.stringify({ machine: machine(), at: new Date().toISOString(), rounds: times }) : `${machine()}\n`);
for (const benchmark of benchmarks) {
  if (only !== undefined && benchmark.name !== only) continue;
  const missing = benchmark.missing?.();
  if (missing !== undefined) {
    print(json ? JSON.stringify({ name: benchmark.name, missing }) : `${benchmark.name} left out: ${missing}\n`);
    continue;
  }
  const figures = await benchmark.run({ rounds: times, scale: 1, long });
  if (json) print(JSON.stringify(recordOf(benchmark, figures)));
  else for (const line of linesOf(benchmark, figures)) print(line);
}
