import {
  MAX_PAGE,
  orderCausally,
  type ChainAnswer,
  type ChainEvent,
  type FiledDeadLetter,
} from "@contextpilot/dashboard";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine, plainLines, shellWord } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";
import { deadLetterLine, eventLine } from "./event-line.ts";

export interface ShowOptions {
  readonly json: boolean;
  /** How the commands that are shown go on: `--data …` where it was given. */
  readonly sameHouse: string;
}

/** Shows one chain whole: each event in its place with its data, and the dead letters; with `json` the same as one object. */
export async function showChain(
  house: HouseApi,
  correlationId: string,
  { json, sameHouse }: ShowOptions,
  terminal: Terminal,
): Promise<void> {
  const chain = await readChain(house, correlationId);
  if (json) return terminal.print(plainJson(chain));
  const { items, dead_letters } = chain;
  const begun = items[0]?.event.timestamp ?? dead_letters[0]?.seen_at ?? "";
  terminal.print(`${terminal.colours.bold(`Chain ${plainLine(correlationId)}`)}  ${terminal.colours.dim(begun)}\n`);
  for (const item of items) for (const line of eventLines(item, begun, terminal)) terminal.print(line);
  for (const letter of dead_letters) for (const line of letterLines(letter, sameHouse, terminal)) terminal.print(line);
}

type WholeChain = Omit<ChainAnswer, "next">;

/** All pages of a chain, put in order as a whole: a page knows only its own events. */
async function readChain(house: HouseApi, correlation_id: string): Promise<WholeChain> {
  const path = `/chains/${encodeURIComponent(correlation_id)}`;
  const { items: begun, next, dead_letters } = await house.get<ChainAnswer>(path, { limit: MAX_PAGE });
  const items: ChainEvent[] = [...begun];
  for (let cursor = next; cursor !== null;) {
    const page: ChainAnswer = await house.get<ChainAnswer>(path, { limit: MAX_PAGE, cursor });
    items.push(...page.items);
    cursor = page.next;
  }
  return { correlation_id, items: next === null ? items : orderCausally(items), dead_letters };
}

function eventLines(item: ChainEvent, begun: string, { colours }: Terminal): readonly string[] {
  const { event_id, event_type, timestamp, data } = item.event;
  return [
    eventLine(item, begun, colours),
    colours.dim(
      `            ${plainLine(event_id)}  ${plainLine(event_type)}  said ${plainLine(timestamp)}, seen ${item.seen_at}`,
    ),
    ...plainLines(plainJson(data, 2))
      .split("\n")
      .map((line) => `            ${line}`),
    "",
  ];
}

function letterLines(letter: FiledDeadLetter, sameHouse: string, { colours }: Terminal): readonly string[] {
  return [
    deadLetterLine(letter, colours),
    `            ./contextpilot dead-letters show ${shellWord(letter.dead_letter_id)}${sameHouse}`,
    "",
  ];
}
