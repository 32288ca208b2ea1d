import { Command, Option } from "@commander-js/extra-typings";
import { DEAD_LETTER_STATES } from "@contextpilot/dashboard";
import { decideOnDeadLetters, resendDeadLetter } from "./dead-letters/decide.ts";
import { listDeadLetters } from "./dead-letters/list.ts";
import { showDeadLetter } from "./dead-letters/show.ts";
import { HouseApi } from "./house-api.ts";
import {
  apiOption,
  byOption,
  dataOption,
  jsonOption,
  limitOption,
  rateOption,
  sameHouse,
  tenantOption,
  yesOption,
} from "./options.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  $ ./contextpilot dead-letters
  $ ./contextpilot dead-letters list --group 1f2e3d4c5b6a
  $ ./contextpilot dead-letters show 9a8b7c6d --raw > letter.json
  $ ./contextpilot dead-letters resend 9a8b7c6d letter.json
  $ ./contextpilot dead-letters redrive --group 1f2e3d4c5b6a --rate 5
  $ ./contextpilot dead-letters discard --all --yes --json`;

/** `contextpilot dead-letters`: what could not be handled, seen, understood and put in order. */
export function deadLettersCommand(terminal: Terminal): Command {
  const command = new Command("dead-letters")
    .description("what could not be handled: see it, understand it, and put it in order")
    .addHelpText("after", EXAMPLES);

  command
    .command("list", { isDefault: true })
    .description("the groups of dead letters by cause, or with --group or --letters one by one, the newest first")
    .option("--group <id>", "those of one group")
    .addOption(
      new Option("--state <state>", "where they stand")
        .choices([...DEAD_LETTER_STATES, "all"] as const)
        .default("open" as const),
    )
    .option("--letters", "one by one, whatever their group", false)
    .addOption(limitOption(50))
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addOption(tenantOption())
    .action((options) => listDeadLetters(new HouseApi(options), options, terminal));

  command
    .command("show")
    .description("one dead letter: why, where, its event, what was decided, and the commands that put it in order")
    .argument("<id>", "its dead_letter_id")
    .option("--raw", "the message's bytes and nothing else", false)
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addOption(tenantOption())
    .action((id, options) =>
      showDeadLetter(new HouseApi(options), id, { ...options, sameHouse: sameHouse(options) }, terminal),
    );

  command
    .command("redrive")
    .description("send dead letters again as they were, each to the one service that could not handle it")
    .argument("[ids...]", "their dead_letter_ids")
    .option("--group <id>", "the open ones of a group")
    .option("--all", "every open one", false)
    .addOption(rateOption(20))
    .addOption(byOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addOption(tenantOption())
    .action((ids, options) => decideOnDeadLetters(new HouseApi(options), "redrive", ids, options, terminal));

  command
    .command("discard")
    .description("lay dead letters aside: they are kept, and can be redriven by id after all")
    .argument("[ids...]", "their dead_letter_ids")
    .option("--group <id>", "the open ones of a group")
    .option("--all", "every open one", false)
    .addOption(byOption())
    .addOption(yesOption())
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addOption(tenantOption())
    .action((ids, options) => decideOnDeadLetters(new HouseApi(options), "discard", ids, options, terminal));

  command
    .command("resend")
    .description("send edited bytes instead of a dead letter's own, as a new message that names where it came from")
    .argument("<id>", "its dead_letter_id")
    .argument("<file>", "the event as JSON; - is standard input")
    .addOption(byOption())
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addOption(tenantOption())
    .action((id, file, options) => resendDeadLetter(new HouseApi(options), id, file, options, terminal));

  return command;
}
