import type { ChainEvent, FiledDeadLetter } from "@contextpilot/dashboard";
import { inWords } from "../../chain/in-words.ts";
import { plainLine } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";

type Colours = Terminal["colours"];

/** Deeper than this a tree would leave no room for words. */
const DEEPEST = 8;

/** An event in its place in the tree: when it was kept, counted from the chain's beginning, who said it, and what. */
export function eventLine({ event, seen_at, depth }: ChainEvent, begun: string, colours: Colours): string {
  const family = plainLine(event.event_type.replace(/\.v\d+$/, "")).padEnd(16);
  const replay = event.replay_generation === undefined ? "" : colours.dim(" (replayed)");
  return `${timeColumn(seen_at, begun, colours)}  ${colours.cyan(placeColumn(event.source, depth))} ${family} ${plainLine(inWords(event))}${replay}`;
}

/** How long after the chain's beginning; what was before it, by another machine's clock, is at its beginning. */
export function timeColumn(at: string | undefined, begun: string, colours: Colours): string {
  if (at === undefined) return " ".repeat(10);
  return colours.dim(`${Math.max(0, Date.parse(at) - Date.parse(begun))} ms`.padStart(10));
}

/** A name as deep in the tree as it belongs. */
export function placeColumn(name: string, depth: number): string {
  return `${"  ".repeat(Math.min(depth, DEEPEST))}${plainLine(name)}`.padEnd(24);
}

/** What one of the chain's consumers could not handle. */
export function deadLetterLine(letter: FiledDeadLetter, colours: Colours): string {
  const { consumer, code, event_type = "no event", reason, state } = letter;
  const what = `${plainLine(consumer)} could not handle ${plainLine(event_type)}: ${plainLine(code)}: ${plainLine(reason)}`;
  return `${" ".repeat(12)}${colours.red("dead letter")} (${state})  ${what}`;
}
