import type { ChainItem, Handling } from "@contextpilot/dashboard";
import { plainLine } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";
import { placeColumn, timeColumn } from "./event-line.ts";

type Colours = Terminal["colours"];

/** What became of an event at one of those that hear it, below the event: when, who, and what it said or why it said nothing. */
export function handlingLine(
  handling: Handling,
  { depth }: ChainItem,
  { begun, families, colours }: { begun: string; families: ReadonlyMap<string, string>; colours: Colours },
): string {
  const at = "at" in handling ? handling.at : undefined;
  const who = placeColumn(`↳ ${handling.consumer}`, depth + 1);
  return `${timeColumn(at, begun, colours)}  ${colours.dim(who)} ${outcome(handling, families, colours)}`;
}

function outcome(handling: Handling, families: ReadonlyMap<string, string>, colours: Colours): string {
  switch (handling.status) {
    case "handled": {
      const { said, note } = handling;
      const why = note === null || note === "nothing to say" ? "" : `: ${plainLine(note)}`;
      if (said.length === 0) return colours.dim(`said nothing${why}`);
      return `${colours.green(`said ${saidInWords(said, families)}`)}${colours.dim(why)}`;
    }
    case "dead-lettered": {
      const { code, reason, state } = handling;
      const discarded = state === "discarded" ? " (discarded)" : "";
      return `${colours.red("dead-lettered")}${discarded}: ${plainLine(code)}: ${plainLine(reason)}`;
    }
    case "expired":
      return colours.dim("skipped: its time to live was over");
    case "waits":
      return colours.yellow("waits");
    case "not-handled":
      return colours.dim(`not handled: ${handling.reason}`);
  }
}

/** `git.commit`, `3 × git.commit`; an event that the chain does not show (yet) only counts. */
function saidInWords(said: readonly string[], families: ReadonlyMap<string, string>): string {
  const counts = Map.groupBy(said, (id) => families.get(id) ?? "of what is not here yet");
  return [...counts]
    .map(([family, ids]) => (ids.length === 1 && families.has(ids[0] ?? "") ? family : `${ids.length} × ${family}`))
    .map(plainLine)
    .join(", ");
}

/** The family of each event of a chain, by its id. */
export function familiesIn(items: readonly ChainItem[]): ReadonlyMap<string, string> {
  return new Map(items.map(({ event }) => [event.event_id, event.event_type.replace(/\.v\d+$/, "")]));
}
