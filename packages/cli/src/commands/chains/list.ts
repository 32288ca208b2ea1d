import type { Chain, ChainAnswer } from "@contextpilot/dashboard";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine, shellWord } from "../plain-text.ts";
import { readPages } from "../read-pages.ts";
import type { Terminal } from "../terminal.ts";
import { deadLetterLine, eventLine } from "./event-line.ts";
import { familiesIn, handlingLine } from "./handling-line.ts";

export interface ListOptions {
  readonly limit: number;
  readonly json: boolean;
  /** How the commands that are shown go on: `--data …` where it was given. */
  readonly sameHouse: string;
}

/** Of a chain in the list; one that is longer is shown whole by its id. */
const SHOWN_EVENTS = 20;

/** Shows the newest chains: each a line, and its events as a tree with what they wait for; with `json` each as one line, its first events in it. */
export async function listChains(house: HouseApi, options: ListOptions, terminal: Terminal): Promise<void> {
  const { items: chains, more } = await readPages<Chain>(options.limit, (page) => house.get("/chains", page));
  for (const chain of chains) {
    const path = `/chains/${encodeURIComponent(chain.correlation_id)}`;
    const answer = await house.get<ChainAnswer>(path, { limit: SHOWN_EVENTS });
    if (options.json)
      terminal.print(
        plainJson({ ...chain, items: answer.items, next: answer.next, dead_letters: answer.dead_letters }),
      );
    else for (const line of chainLines(chain, answer, options, terminal)) terminal.print(line);
  }
  if (options.json) return;
  if (chains.length === 0) terminal.print("No chain is here yet: the first push begins one.");
  else if (more) terminal.print(`There are more: --limit ${options.limit * 2} shows them.`);
}

function chainLines(
  { correlation_id, first_seen_at, events }: Chain,
  { items, dead_letters }: ChainAnswer,
  { sameHouse }: ListOptions,
  { colours }: Terminal,
): readonly string[] {
  const begun = items[0]?.event.timestamp ?? first_seen_at;
  const hidden = events - items.length;
  const tree = { begun, families: familiesIn(items), colours };
  return [
    `${colours.bold(plainLine(correlation_id))}  ${colours.dim(first_seen_at)}`,
    ...items.flatMap((item) => [
      eventLine(item, begun, colours),
      ...(item.handlings ?? [])
        .filter(({ status }) => status === "waits")
        .map((handling) => handlingLine(handling, item, tree)),
    ]),
    ...(hidden > 0
      ? [`${" ".repeat(12)}… and ${hidden} more: ./contextpilot chains ${shellWord(correlation_id)}${sameHouse}`]
      : []),
    ...dead_letters.map((letter) => deadLetterLine(letter, colours)),
    "",
  ];
}
