import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { SeenEvent } from "@contextpilot/dashboard";
import { inWords } from "../chain/in-words.ts";
import { HouseApi } from "./house-api.ts";
import { apiOption, dataOption, jsonOption, limitOption } from "./options.ts";
import { plainJson, plainLine } from "./plain-text.ts";
import { readPages } from "./read-pages.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  $ ./contextpilot events --type coach.nudge
  $ ./contextpilot events --follow
  $ ./contextpilot events --trace 4bf92f3577b34da6a3ce929d0e0e4736
  $ ./contextpilot events --follow --type git.commit --json`;

/** `contextpilot events`: what was said in the house, and what is being said. */
export const eventsCommand = (terminal: Terminal, stopSignal: () => AbortSignal): CommandUnknownOpts =>
  new Command("events")
    .description("the newest events, the latest last; with --follow each further one as it comes, until Ctrl-C")
    .option("--follow", "from now on: each event as it comes", false)
    .option("--type <type>", "of one type or family, as git.commit.v1 or git.commit")
    .option("--trace <id>", "of the trace that a caller gave")
    .option("--agent <id>", "of the source agent that a caller gave")
    .addOption(limitOption(20))
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addHelpText("after", EXAMPLES)
    .action(async ({ follow, type, trace, agent, limit, json, ...place }) => {
      const wanted = { type, trace, agent };
      const house = new HouseApi(place);
      const show = (seen: SeenEvent): void => terminal.print(json ? plainJson(seen) : eventLine(seen, terminal));
      if (!follow) {
        const { items } = await readPages<SeenEvent>(limit, (page) => house.get("/events", { ...wanted, ...page }));
        for (const seen of items.toReversed()) show(seen);
        if (items.length === 0 && !json) terminal.print("No such event is here.");
        return;
      }
      for await (const seen of house.follow<SeenEvent>("/events/follow", wanted, stopSignal())) {
        if (seen !== undefined) show(seen);
        else if (!json) terminal.note("Following; Ctrl-C ends it.");
      }
    });

function eventLine({ event, seen_at }: SeenEvent, { colours }: Terminal): string {
  const family = plainLine(event.event_type.replace(/\.v\d+$/, "")).padEnd(15);
  return `${colours.dim(seen_at)}  ${colours.cyan(plainLine(event.source).padEnd(14))} ${family} ${plainLine(inWords(event))}`;
}
