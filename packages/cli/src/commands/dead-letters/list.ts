import type { DeadLetterGroup, DeadLetterState, FiledDeadLetter, Page } from "@contextpilot/dashboard";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine } from "../plain-text.ts";
import { readPages, type Found } from "../read-pages.ts";
import type { Terminal } from "../terminal.ts";

export interface ListOptions {
  readonly group?: string | undefined;
  readonly state: DeadLetterState | "all";
  /** Dead letters one by one instead of groups. */
  readonly letters: boolean;
  readonly limit: number;
  readonly json: boolean;
}

/** Shows what there is: the groups, or the dead letters of one or of all, the newest first. */
export async function listDeadLetters(house: HouseApi, options: ListOptions, terminal: Terminal): Promise<void> {
  const { letters, group, json } = options;
  const each = letters || group !== undefined;
  const found = each ? await readLetters(house, options) : await readGroups(house, options);
  for (const one of found.items) {
    if (json) terminal.print(plainJson(one));
    else
      for (const line of "dead_letters" in one ? groupLines(one, terminal) : letterLines(one, terminal))
        terminal.print(line);
  }
  if (json) return;
  if (found.items.length === 0)
    terminal.print(`No dead letter is ${options.state === "all" ? "here" : options.state}.`);
  else if (found.more) terminal.print(`There are more: --limit ${options.limit * 2} shows them.`);
  else if (!each) terminal.print("\nlist --group <id> shows those of a group, show <id> one of them.");
}

function readLetters(house: HouseApi, { group, state, limit }: ListOptions): Promise<Found<FiledDeadLetter>> {
  return readPages(limit, (page) =>
    house.get<Page<FiledDeadLetter>>("/dead-letters", { group, state: state === "all" ? undefined : state, ...page }),
  );
}

/** A group is not in a state: with `open` those are shown in which some are. */
async function readGroups(house: HouseApi, { state, limit }: ListOptions): Promise<Found<DeadLetterGroup>> {
  return readPages(limit, (page) =>
    house.get<Page<DeadLetterGroup>>("/dead-letters/groups", { open: state === "open" ? "true" : undefined, ...page }),
  );
}

/** How many are open, in a group or in all. */
export async function countOpen(house: HouseApi, group?: string): Promise<number> {
  const { items } = await readGroups(house, { state: "open", letters: false, limit: Infinity, json: false });
  return items.reduce((sum, { group_id, open }) => (group === undefined || group === group_id ? sum + open : sum), 0);
}

function groupLines(group: DeadLetterGroup, { colours }: Terminal): readonly string[] {
  const count = `${group.open} open`.padEnd(10);
  const indent = " ".repeat(count.length);
  return [
    `${colours.bold(count)}${colours.cyan(plainLine(group.consumer))}  ${plainLine(group.code)}  ${plainLine(group.event_type ?? "no event")}`,
    `${indent}${plainLine(group.cause)}`,
    colours.dim(
      `${indent}group ${group.group_id}, ${group.dead_letters} in all, ${group.first_seen_at} to ${group.last_seen_at}, the newest ${plainLine(group.example)}`,
    ),
  ];
}

function letterLines(letter: FiledDeadLetter, { colours }: Terminal): readonly string[] {
  const { dead_letter_id, state, consumer, code, event_type = "no event", reason, seen_at } = letter;
  return [
    `${colours.bold(plainLine(dead_letter_id))}  ${state}  ${colours.cyan(plainLine(consumer))}  ${plainLine(code)}  ${plainLine(event_type)}  ${colours.dim(seen_at)}`,
    `    ${plainLine(reason)}`,
  ];
}
