import { Command, Option } from "@commander-js/extra-typings";
import type { DryRunAnswer, ReplayRun } from "@contextpilot/dashboard";
import { CommandError } from "./command-error.ts";
import { HouseApi } from "./house-api.ts";
import { apiOption, byOption, dataOption, jsonOption, rateOption, tenantOption } from "./options.ts";
import { plainJson, plainLine } from "./plain-text.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Handlers with state leave a replay alone unless they ask for replays. Times are those at which the house heard the events.

Examples:
  $ ./contextpilot replay --type context.update --from 2026-03-01 --dry-run
  $ ./contextpilot replay --chain 0191f0c2-7b1e-7abc-8def-0123456789ab
  $ ./contextpilot replay --topic git-events --from 2026-03-01T08:00:00Z --to 2026-03-01T09:00:00Z --rate 50`;

interface ReplayOptions {
  readonly type?: string | undefined;
  readonly topic?: string | undefined;
  readonly chain?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly resume?: string | undefined;
  readonly rate: number;
  readonly by: string;
  readonly json: boolean;
}

/** `contextpilot replay`: says kept events again, to whoever asks for replays. */
export function replayCommand(terminal: Terminal): Command {
  const selection = ["type", "topic", "chain", "from", "to", "tenant"];
  return new Command("replay")
    .description("say old events again, in their order, marked with one new generation, to whoever asks for replays")
    .option("--type <type>", "of a family (git.commit) or one version of it (git.commit.v1)")
    .option("--topic <name>", "of a topic")
    .option("--chain <id>", "of a chain: its correlation_id")
    .option("--from <time>", "heard from then on: a date, or a date and time, in ISO 8601")
    .option("--to <time>", "heard before then")
    .addOption(new Option("--all", "every event there is").default(false).conflicts(selection.slice(0, 5)))
    .addOption(new Option("--dry-run", "say nothing, count what would be said").default(false))
    .addOption(
      new Option("--resume <generation>", "go on with a replay that was interrupted").conflicts([
        ...selection.slice(0, 5),
        "all",
        "dryRun",
      ]),
    )
    .addOption(rateOption(200))
    .addOption(byOption())
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(apiOption())
    .addOption(tenantOption())
    .addHelpText("after", EXAMPLES)
    .action((options) => replay(new HouseApi(options), options, terminal));
}

async function replay(house: HouseApi, options: ReplayOptions, terminal: Terminal): Promise<void> {
  const { type, topic, chain, from, to, all, dryRun, resume, by } = options;
  const selection = { type, topic, chain, from, to };
  if (resume !== undefined) return goOn(house, resume, options, terminal);
  if (!all && Object.values(selection).every((value) => value === undefined)) {
    throw new CommandError("say which events: --type, --topic, --chain, --from, --to, or --all");
  }
  if (dryRun)
    return tellCount(
      await house.post<DryRunAnswer>("/replays", { by, ...selection, dry_run: true }),
      options,
      terminal,
    );
  const { generation, events } = await house.post<ReplayRun>("/replays", { by, ...selection });
  if (events > 0)
    terminal.note(`Generation ${generation}: replay --resume ${generation} goes on with it if this is interrupted.`);
  return goOn(house, generation, options, terminal);
}

/** One call is about a second's work, so that progress is seen and Ctrl-C is soon obeyed. */
async function goOn(
  house: HouseApi,
  generation: string,
  { rate, json }: ReplayOptions,
  terminal: Terminal,
): Promise<void> {
  const limit = Math.min(1000, Math.max(1, Math.round(rate)));
  let before = -1;
  for (;;) {
    const run = await house.post<ReplayRun>(`/replays/${encodeURIComponent(generation)}`, { limit, rate });
    if (run.ended_at !== null) return tellEnd(run, json, terminal);
    if (run.said === before)
      throw new CommandError(`the house stopped on the way: ${run.said} of ${run.events} were said`);
    before = run.said;
    terminal.progress(`said ${run.said} of ${run.events} again`);
  }
}

function tellCount({ events, by_type }: DryRunAnswer, { json }: ReplayOptions, terminal: Terminal): void {
  if (json) return terminal.print(plainJson({ dry_run: true, events, by_type }));
  terminal.print(`A replay would say ${counted(events)}${events === 0 ? "." : ":"}`);
  for (const [type, count] of Object.entries(by_type))
    terminal.print(`${String(count).padStart(8)}  ${plainLine(type)}`);
}

function tellEnd(run: ReplayRun, json: boolean, terminal: Terminal): void {
  if (json) terminal.print(plainJson(run));
  else if (run.events === 0) terminal.print("No event that was kept is like that: nothing was said.");
  else terminal.print(`Said ${counted(run.said)} again, as generation ${run.generation}.`);
}

const counted = (events: number): string => `${events} event${events === 1 ? "" : "s"}`;
