/** Longer texts, a patch, are cut where people read; so are longer lists. */
const MAX_TEXT = 300;
const MAX_LIST = 20;

/** Data as people read it at a glance: every key is there, long texts and lists are cut and say how long they are. */
export function abridged(value: unknown): unknown {
  if (typeof value === "string" && value.length > MAX_TEXT) {
    return `${value.slice(0, MAX_TEXT).toWellFormed()}… (${value.length} characters in all)`;
  }
  if (Array.isArray(value)) {
    const more = value.length - MAX_LIST;
    return [...value.slice(0, MAX_LIST).map(abridged), ...(more > 0 ? [`… and ${more} more`] : [])];
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, abridged(each)]));
}
