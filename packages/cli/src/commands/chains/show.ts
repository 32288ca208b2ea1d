import {
  MAX_PAGE,
  orderCausally,
  type ChainAnswer,
  type ChainItem,
  type FiledDeadLetter,
} from "@contextpilot/dashboard";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine, plainLines, shellWord } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";
import { abridged } from "./abridged.ts";
import { deadLetterLine, eventLine } from "./event-line.ts";
import { familiesIn, handlingLine } from "./handling-line.ts";
import { standing } from "./standing.ts";

export interface ShowOptions {
  readonly json: boolean;
  /** How the commands that are shown go on: `--data …` where it was given. */
  readonly sameHouse: string;
}

/**
 * Shows one chain whole: as a tree of its events and what became of each, then its dead letters, then each event with its data,
 * where long texts and lists are cut; with `json` all of it as one object.
 */
export async function showChain(
  house: HouseApi,
  correlationId: string,
  { json, sameHouse }: ShowOptions,
  terminal: Terminal,
): Promise<void> {
  const chain = await readChain(house, correlationId);
  if (json) return terminal.print(plainJson(chain));
  for (const line of chainLines(chain, sameHouse, terminal)) terminal.print(line);
}

type WholeChain = Omit<ChainAnswer, "next">;

/** All pages of a chain, put in order as a whole: a page knows only its own events. */
async function readChain(house: HouseApi, correlation_id: string): Promise<WholeChain> {
  const path = `/chains/${encodeURIComponent(correlation_id)}`;
  const { items: begun, next, dead_letters } = await house.get<ChainAnswer>(path, { limit: MAX_PAGE });
  const items: ChainItem[] = [...begun];
  for (let cursor = next; cursor !== null;) {
    const page: ChainAnswer = await house.get<ChainAnswer>(path, { limit: MAX_PAGE, cursor });
    items.push(...page.items);
    cursor = page.next;
  }
  return { correlation_id, items: next === null ? items : orderCausally(items), dead_letters };
}

function chainLines(
  { correlation_id, items, dead_letters }: WholeChain,
  sameHouse: string,
  { colours }: Terminal,
): readonly string[] {
  const begun = items[0]?.event.timestamp ?? dead_letters[0]?.seen_at ?? "";
  const tree = { begun, families: familiesIn(items), colours };
  return [
    `${colours.bold(`Chain ${plainLine(correlation_id)}`)}  ${colours.dim(`began ${plainLine(begun)}`)}`,
    "",
    ...items.flatMap((item) => [
      eventLine(item, begun, colours),
      ...(item.handlings ?? []).map((handling) => handlingLine(handling, item, tree)),
    ]),
    "",
    standing(items, colours),
    ...dead_letters.flatMap((letter) => letterLines(letter, sameHouse, colours)),
    ...items.flatMap((item) => dataLines(item, colours)),
  ];
}

function letterLines(letter: FiledDeadLetter, sameHouse: string, colours: Terminal["colours"]): readonly string[] {
  return [
    "",
    deadLetterLine(letter, colours),
    `            ./contextpilot dead-letters show ${shellWord(letter.dead_letter_id)}${sameHouse}`,
  ];
}

function dataLines({ event, seen_at }: ChainItem, colours: Terminal["colours"]): readonly string[] {
  const { event_id, event_type, timestamp, data, data_ref } = event;
  const place = data_ref === undefined ? "" : `, its data of ${data_ref.bytes} bytes kept aside`;
  return [
    "",
    `${colours.bold(plainLine(event_id))}  ${plainLine(event_type)}  ${colours.dim(`said ${plainLine(timestamp)}, seen ${seen_at}${place}`)}`,
    ...(data === undefined
      ? []
      : plainLines(plainJson(abridged(data), 2))
          .split("\n")
          .map((line) => `  ${line}`)),
  ];
}
