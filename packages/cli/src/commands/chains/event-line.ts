import type { ChainEvent, FiledDeadLetter } from "@contextpilot/dashboard";
import { inWords } from "../../chain/in-words.ts";
import { plainLine } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";

type Colours = Terminal["colours"];

/** An event in its place in the tree: when it was kept, counted from the chain's beginning, who said it, and what. */
export function eventLine({ event, seen_at, depth }: ChainEvent, begun: string, colours: Colours): string {
  const ms = Math.max(0, Date.parse(seen_at) - Date.parse(begun));
  const place = `${"  ".repeat(Math.min(depth, 8))}${plainLine(event.source)}`.padEnd(22);
  const family = plainLine(event.event_type.replace(/\.v\d+$/, "")).padEnd(15);
  const replay = event.replay_generation === undefined ? "" : colours.dim(" (replayed)");
  return `${colours.dim(`${ms} ms`.padStart(10))}  ${colours.cyan(place)} ${family} ${plainLine(inWords(event))}${replay}`;
}

/** What one of the chain's consumers could not handle. */
export function deadLetterLine(letter: FiledDeadLetter, colours: Colours): string {
  const { consumer, code, event_type = "no event", reason, state } = letter;
  const what = `${plainLine(consumer)} could not handle ${plainLine(event_type)}: ${plainLine(code)}: ${plainLine(reason)}`;
  return `${" ".repeat(12)}${colours.red("dead letter")} (${state})  ${what}`;
}
