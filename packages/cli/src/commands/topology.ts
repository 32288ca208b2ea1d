import { Command, Option } from "@commander-js/extra-typings";
import type { PubsubConfig } from "../config.ts";
import { jsonOption, yesOption } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { applyTopology, checkTopology, deleteTopology } from "./topology/commands.ts";

const HELP = `
Topics, dead-letter topics and subscriptions with their filters, dead letters, retries, order and retention, none of which expires:
as packages/topology has them. What else the project has is left alone. Who may publish, pull and push is infra/terraform's affair.
With PUBSUB_EMULATOR_HOST set it is Google's emulator that is meant, else the real service.

Exit codes:
  0  everything is as the topology has it (delete: gone)
  1  something differs (check), or was refused because it cannot be changed
  2  nothing can be said: no answer, no permission, a wrong option

Examples:
  $ PUBSUB_EMULATOR_HOST=127.0.0.1:8085 ./contextpilot topology apply --project local --push-endpoint 'http://127.0.0.1:8090/{service}'
  $ ./contextpilot topology check --project my-project --json
  $ ./contextpilot topology delete --project my-test --yes`;

const projectOption = () => new Option("--project <id>", "the project; on the emulator any name").makeOptionMandatory();
const endpointOption = () =>
  new Option(
    "--push-endpoint <url>",
    "where to push, with {service} and {subscription} for their names, or none: all are pulled (default: new ones are pulled, the others stay)",
  );

const pulledOption = () =>
  new Option("--pulled <service...>", "services whose subscriptions are pulled in any case, by a job of theirs");

/** `contextpilot topology`: the house's topics and subscriptions on Google's Pub/Sub. */
export function topologyCommand(terminal: Terminal, config: PubsubConfig): Command {
  const command = new Command("topology")
    .description("the topics and subscriptions of a Google Cloud project, or of Google's emulator")
    .addHelpText("after", HELP);

  const add = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .addOption(projectOption())
      .addOption(jsonOption())
      // Exit code 1 would say that something differs.
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
      .addHelpText("after", HELP);

  add("apply", "make what is missing and change what differs; safe to repeat")
    .addOption(endpointOption())
    .addOption(pulledOption())
    .action((options) => applyTopology({ ...config, ...options }, terminal));
  add("check", "say what apply would do, and change nothing; exits 1 when something differs")
    .addOption(endpointOption())
    .addOption(pulledOption())
    .action((options) => checkTopology({ ...config, ...options }, terminal));
  add("delete", "take away every topic and subscription of the topology, with the messages that wait there")
    .addOption(yesOption())
    .action((options) => deleteTopology({ ...config, ...options }, terminal));

  return command;
}
