import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { asyncProperty, check } from "fast-check";
import { plans, type Plan } from "./plan.ts";
import { runPlan } from "./run-plan.ts";

const whole = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("a whole number.");
};
const planIn = (text: string): Plan => {
  try {
    return JSON.parse(text) as Plan;
  } catch (error) {
    throw new InvalidArgumentError(`as a failure prints it: ${(error as Error).message}`);
  }
};

const program = new Command("simulate")
  .description(
    "Runs the house in simulated time, with everything going wrong that can, and looks whether every promise held.\nA plan that breaks one is made as short as it can be and printed with what happened; the exit code is 1 then.",
  )
  .option("--seeds <number>", "so many plans", whole, 100)
  .option("--from <seed>", "the first one's seed: the same seed, the same plan, the same run", whole, 1)
  .option("--no-shrink", "show the first plan that breaks a promise as it was drawn")
  .option("--plan <json>", "this one plan alone, with what went wrong on the way", planIn)
  .option("--json", "one JSON object at the end", false);
const { seeds, from, shrink, plan: given, json } = program.parse().opts();

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const totals = { runs: 0, events: 0, handlings: 0 };

async function holds(plan: Plan): Promise<boolean> {
  const { violations, events, handlings } = await runPlan(plan);
  totals.runs += 1;
  totals.events += events;
  totals.handlings += handlings;
  return violations.length === 0;
}

/** Prints what went wrong, and what that broke. */
async function show(plan: Plan): Promise<void> {
  const { violations, trace } = await runPlan(plan);
  for (const line of trace) print(`  ${line}`);
  for (const violation of violations) print(`broken: ${violation}`);
  if (violations.length === 0) print("every promise held");
  else process.exitCode = 1;
}

async function simulate(): Promise<void> {
  const start = process.hrtime.bigint();
  for (let seed = from; seed < from + seeds && process.exitCode === undefined; seed += 1) {
    const { counterexample } = await check(asyncProperty(plans, holds), { seed, numRuns: 1, endOnFailure: !shrink });
    if (counterexample === null) continue;
    print(`seed ${seed} breaks a promise${shrink ? "; the shortest plan that does" : ""}:`);
    await show(counterexample[0]);
    print(`once more: npm run simulate -- --plan '${JSON.stringify(counterexample[0])}'`);
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { runs, events, handlings } = totals;
  print(
    json
      ? JSON.stringify({ ...totals, seconds })
      : `${runs} runs, ${events} events, ${handlings} handlings in ${seconds.toFixed(1)} s`,
  );
}

await (given === undefined ? simulate() : show(given));
