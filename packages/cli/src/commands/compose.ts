import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { ComposeProgram } from "../compose/compose-program.ts";
import { startComposed } from "../compose/start-composed.ts";
import { whatNow } from "../compose/what-now.ts";
import { CommandError } from "./command-error.ts";
import { DEFAULT_DATA } from "./options.ts";
import type { Terminal } from "./terminal.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const DATA = join(DEFAULT_DATA, "compose");

const HELP = `
up makes a .env with secrets of its own where there is none, looks for what is wrong in it, runs docker compose up --detach --build, and waits
until the house takes pushes. Everything else is given to docker compose as it is. docs/compose.md says the rest.

Examples:
  $ ./contextpilot compose up
  $ ./contextpilot compose logs --follow coach-agent
  $ ./contextpilot compose down`;

/** `contextpilot compose`: the house in containers, on Google's emulators. */
export const composeCommand = (terminal: Terminal): CommandUnknownOpts =>
  new Command("compose")
    .description("the house in containers, on Google's emulators: docker compose, and up looks at .env first")
    .argument("<command>", "up, or any other of docker compose")
    .argument("[arguments...]", "docker compose's own")
    .addOption(
      new Option("--env <file>", "what docker-compose.yml is told").default(join(ROOT, ".env"), ".env in the project"),
    )
    .addOption(
      new Option("--data <folder>", "where hooks and commands find the house").default(
        DATA,
        ".contextpilot/compose in the project",
      ),
    )
    .passThroughOptions()
    .addHelpText("after", HELP)
    .action(async (command, args, { env, data }) => {
      const environmentFile = resolve(env);
      const compose = ComposeProgram.find(environmentFile, ROOT);
      if (command === "up") {
        const place = { root: ROOT, environmentFile, data };
        const composed = await startComposed(place, compose, args, terminal);
        for (const line of whatNow(composed, place)) terminal.print(line);
        return;
      }
      const code = await compose.run([command, ...args]);
      if (code !== 0) throw new CommandError(`docker compose ${command} ended with ${code}`, { exitCode: code });
    });
