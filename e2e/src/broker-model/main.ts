import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { MemoryLog, SqliteLog } from "@contextpilot/broker";
import { asyncProperty, check } from "fast-check";
import { plans, type Plan } from "./plan.ts";
import { runPlan, type OpenLog } from "./run-plan.ts";

const whole = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("a whole number.");
};

const { runs, seed, log, plan } = new Command("broker-model")
  .description(
    "Does at random what one can do to a broker, to ours and to a plain model of it, and looks where they differ.",
  )
  .option("--runs <number>", "so many plans", whole, 1000)
  .option("--seed <seed>", "of the first: the same seed, the same plans", whole, 1)
  .option("--plan <json>", "this one plan alone, as a difference prints it")
  .addOption(new Option("--log <kind>", "where the messages are").choices(["memory", "sqlite"]).default("memory"))
  .parse()
  .opts();

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), "contextpilot-broker-model-"));
let files = 0;

/** A new log for each plan, and the same one after each restart. */
function newLog(): OpenLog {
  const kept = new MemoryLog();
  if (log === "memory") return () => kept;
  const file = join(folder, `${(files += 1)}.sqlite`);
  return () => SqliteLog.open({ file });
}

try {
  if (plan !== undefined) {
    print((await runPlan(JSON.parse(plan) as Plan, newLog())) ?? "no difference");
  } else {
    const property = asyncProperty(plans, async (plan) => (await runPlan(plan, newLog())) === undefined);
    const { counterexample, numRuns } = await check(property, { seed, numRuns: runs });
    if (counterexample === null) {
      print(`${numRuns} plans, no difference`);
    } else {
      const [shortest] = counterexample;
      print(`differs: ${await runPlan(shortest, newLog())}`);
      print(`once more: npm run broker-model -- --log ${log} --plan '${JSON.stringify(shortest)}'`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
