import { parseFilter } from "./parse-filter.ts";

/**
 * The filter of a subscription that hears these event families, in any version: a version that its service does not know yet
 * is delivered and set aside there, never dropped unseen by the bus. Two families fit. Throws a FilterError past 256 bytes, and
 * for none.
 */
export function compileFilter(families: readonly string[]): string {
  const filter = families
    .flatMap((family) => [`attributes.event_type = "${family}"`, `hasPrefix(attributes.event_type, "${family}.v")`])
    .join(" OR ");
  parseFilter(filter);
  return filter;
}
