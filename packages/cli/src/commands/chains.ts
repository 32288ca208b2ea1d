import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { listChains } from "./chains/list.ts";
import { showChain } from "./chains/show.ts";
import { HouseApi } from "./house-api.ts";
import { apiOption, dataOption, jsonOption, limitOption, sameHouse } from "./options.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  $ ./contextpilot chains
  $ ./contextpilot chains --limit 3 --json
  $ ./contextpilot chains 4b3c2d1e-0f9e-4d8c-8b7a-6f5e4d3c2b1a`;

/** `contextpilot chains`: what each push caused. */
export const chainsCommand = (terminal: Terminal): CommandUnknownOpts =>
  new Command("chains")
    .description("what each push caused, as trees, the newest first; or one chain whole")
    .argument("[id]", "a correlation_id: its chain whole, with times, data, and what became of each event")
    .addOption(limitOption(10))
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addHelpText("after", EXAMPLES)
    .action((id, options) => {
      const house = new HouseApi(options);
      const shown = { ...options, sameHouse: sameHouse(options) };
      return id === undefined ? listChains(house, shown, terminal) : showChain(house, id, shown, terminal);
    });
