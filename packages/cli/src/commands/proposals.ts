import { Command } from "@commander-js/extra-typings";
import { HouseApi } from "./house-api.ts";
import { apiOption, dataOption, jsonOption, limitOption, sameHouse } from "./options.ts";
import { listProposals } from "./proposals/list.ts";
import { showProposal } from "./proposals/show.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  $ ./contextpilot proposals
  $ ./contextpilot proposals list --repository shop --json
  $ ./contextpilot proposals show 4b3c2d1e-0f9e-4d8c-8b7a-6f5e4d3c2b1a
  $ ./contextpilot proposals show 4b3c2d1e-0f9e-4d8c-8b7a-6f5e4d3c2b1a --patch | git apply`;

/** `contextpilot proposals`: what the agents would change. */
export function proposalsCommand(terminal: Terminal): Command {
  const command = new Command("proposals")
    .description("what the agents propose to change: see it, and take its patch")
    .addHelpText("after", EXAMPLES);

  command
    .command("list", { isDefault: true })
    .description("the open proposals, the newest first")
    .option("--repository <name>", "those for one repository")
    .addOption(limitOption(20))
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .action((options) => listProposals(new HouseApi(options), { ...options, sameHouse: sameHouse(options) }, terminal));

  command
    .command("show")
    .description("one proposal as it is now: why, of what, and its patch")
    .argument("<id>", "its proposal_id")
    .option("--patch", "the patch and nothing else, as git apply takes it", false)
    .addOption(jsonOption().conflicts("patch"))
    .addOption(dataOption())
    .addOption(apiOption())
    .action((id, options) =>
      showProposal(new HouseApi(options), id, { ...options, sameHouse: sameHouse(options) }, terminal),
    );

  return command;
}
