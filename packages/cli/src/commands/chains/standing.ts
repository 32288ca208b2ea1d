import type { ChainItem, Handling } from "@contextpilot/dashboard";
import type { Terminal } from "../terminal.ts";

/** Where a chain stands, in a line: whether everybody who hears its events is done with them. */
export function standing(items: readonly ChainItem[], colours: Terminal["colours"]): string {
  const events = counted(items.length, "event");
  if (items.every(({ handlings }) => handlings === null)) return events;
  const handlings = items.flatMap((item) => item.handlings ?? []);
  const count = (status: Handling["status"]): number => handlings.filter((each) => each.status === status).length;
  const open = [
    { count: count("waits"), what: colours.yellow("waiting") },
    { count: count("dead-lettered"), what: colours.red("dead-lettered") },
    { count: count("expired"), what: "expired" },
    { count: count("not-handled"), what: "not handled" },
  ].filter((each) => each.count > 0);
  const all = counted(handlings.length, "handling");
  if (open.length === 0) return `${events}, ${all}: ${colours.green("everybody is done with it.")}`;
  const parts = [`${count("handled")} done`, ...open.map((each) => `${each.count} ${each.what}`)];
  return `${events}, ${all}: ${parts.join(", ")}.`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
