import { parseEventType } from "@contextpilot/events";
import { resolveTopology, subscriptionsFor } from "@contextpilot/topology";
import * as z from "zod";

const families = resolveTopology().topics.flatMap((topic) => topic.families);
const handled = families.filter((family) => subscriptionsFor(family).length > 0);

/**
 * Reads `ENABLED_EVENT_HANDLERS`: the event types that are handled, by family or version (a subscription hears all versions of a
 * family), separated by commas.
 */
export const enabledFamilies = z.string().transform((text, { issues }): ReadonlySet<string> => {
  const given = text.split(/[\s,]+/).filter((name) => name !== "");
  const enabled = given.map((name) => parseEventType(name)?.family ?? name);
  const unknown = given.filter((_, place) => !handled.includes(enabled[place] ?? ""));
  if (unknown.length > 0 || given.length === 0) {
    const message = `set it to one or more of ${handled.join(", ")}${unknown.length > 0 ? `, not ${unknown.join(", ")}` : ""}`;
    issues.push({ code: "custom", message, input: text });
  }
  return new Set(enabled);
});

/**
 * Whether a subscription is heard where only these families are handled: all that it hears is among them, or it takes every
 * message as it is. What is not heard is not lost: the bus keeps it for a start with it, as long as it keeps anything.
 */
export function isEnabled(subscription: string, enabled: ReadonlySet<string> | undefined): boolean {
  if (enabled === undefined) return true;
  const heard = handled.filter((family) => subscriptionsFor(family).some(({ name }) => name === subscription));
  return heard.every((family) => enabled.has(family));
}
