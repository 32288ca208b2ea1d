import { Command, Help, InvalidArgumentError, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { StartError } from "@contextpilot/agent-host";
import { DatabaseError } from "@contextpilot/sqlite";
import packageJson from "../package.json" with { type: "json" };
import { chainsCommand } from "./commands/chains.ts";
import { CommandError } from "./commands/command-error.ts";
import { composeCommand } from "./commands/compose.ts";
import { deadLettersCommand } from "./commands/dead-letters.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { eventsCommand } from "./commands/events.ts";
import { dataOption, portOption } from "./commands/options.ts";
import { proposalsCommand } from "./commands/proposals.ts";
import { replayCommand } from "./commands/replay.ts";
import { smokeCommand } from "./commands/smoke.ts";
import { processTerminal } from "./commands/terminal.ts";
import { topologyCommand } from "./commands/topology.ts";
import { unwatchCommand, watchCommand, watchedCommand } from "./commands/watch.ts";
import { googleCloudConfig, houseConfig, pubsubConfig } from "./config.ts";
import { up, upOnce } from "./up.ts";

const scale = (text: string): number => {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("it multiplies the retry bounds of 10-600 s: a number above 0, at most 1.");
};

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, " ");

const UP_ENVIRONMENT = `
Environment:
  ENABLED_EVENT_HANDLERS  the event types that are handled, as git.push,git.commit; the others wait (default: all)
  ENABLE_EVENT_REPLAY     false: old events are not said again (default: true)
  LOG_LEVEL               how much house.log has, as warn or info,coach-agent=debug (default: info)`;

const { version } = packageJson;
const program = new Command("contextpilot")
  .version(version)
  // What follows a command of docker compose is its own.
  .enablePositionalOptions()
  .description("Small agents that follow every git push: they measure the change and coach its author.")
  // That a flag is not set by default goes without saying.
  .configureHelp({
    optionDescription: (option) => new Help().optionDescription(option).replace(/ \(default: false\)$/, ""),
  })
  .configureOutput({
    outputError: (error, write) =>
      write(`contextpilot: ${oneLine(error.replace(/^error: /, ""))} (--help says more)\n`),
  });

program
  .command("up")
  .description("start the whole house on this machine, push a commit to a demo repository, and show the chain")
  .addOption(
    new Option(
      "--once",
      "in a fresh folder and on free ports: show one chain and exit, 0 when the nudge came within 30 s, else 1",
    )
      .default(false)
      .conflicts(["data", "port", "apiPort"]),
  )
  .option("--json", "one JSON object a line", false)
  .addOption(dataOption())
  .addOption(portOption("--port", "where the webhook listens", 4700))
  .addOption(portOption("--api-port", "where the web API listens", 4701))
  .option("--retry-scale <factor>", "multiplies the bounds of every retry, which are 10-600 s", scale, 0.1)
  .addHelpText("after", UP_ENVIRONMENT)
  .action(async ({ once, ...given }) => {
    const options = { ...given, ...houseConfig(process.env) };
    if (once) process.exitCode = await upOnce(options);
    else await up(options, stopSignal());
  });

const terminal = processTerminal();
program.addCommand(watchCommand(terminal, stopSignal));
for (const command of [unwatchCommand, watchedCommand]) program.addCommand(command(terminal));
program.addCommand(chainsCommand(terminal));
program.addCommand(eventsCommand(terminal, stopSignal));
program.addCommand(proposalsCommand(terminal));
program.addCommand(deadLettersCommand(terminal));
program.addCommand(replayCommand(terminal));
program.addCommand(doctorCommand(terminal));
program.addCommand(composeCommand(terminal));
program.addCommand(topologyCommand(terminal, pubsubConfig(process.env)));
program.addCommand(smokeCommand(terminal, googleCloudConfig(process.env)));

/** How errors and help are written is said once, above; commands that were made elsewhere know nothing of it. Their exit codes are their own. */
function inheritSettings(parent: CommandUnknownOpts): void {
  for (const command of parent.commands) {
    inheritSettings(command.configureHelp(parent.configureHelp()).configureOutput(parent.configureOutput()));
  }
}
inheritSettings(program);

/** A terminal and npm both send the same Ctrl-C: what comes within this time is no second one. */
const SAME_SIGNAL_MS = 1000;

/** Aborts at the first SIGINT or SIGTERM; a later one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = Infinity;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(1);
      firstAt = Math.min(firstAt, performance.now());
      controller.abort();
    });
  }
  return controller.signal;
}

try {
  await program.parseAsync();
} catch (error) {
  // What a person can mend is said in one line; anything else is a fault of ours, and shows where.
  const known = [CommandError, StartError, DatabaseError].some((kind) => error instanceof kind);
  process.stderr.write(
    `contextpilot: ${error instanceof Error ? (known ? error.message : error.stack) : String(error)}\n`,
  );
  process.exitCode = error instanceof CommandError ? error.exitCode : 1;
}
