import type { Filter } from "./parse-filter.ts";

/** Whether a message with these attributes passes the filter. `!=` also passes where the key is absent, as in Pub/Sub. */
export function passes(filter: Filter, attributes: Readonly<Record<string, string>>): boolean {
  switch (filter.kind) {
    case "and":
      return filter.terms.every((term) => passes(term, attributes));
    case "or":
      return filter.terms.some((term) => passes(term, attributes));
    case "not":
      return !passes(filter.term, attributes);
    case "has":
      return Object.hasOwn(attributes, filter.key);
    case "equals":
      return valueOf(attributes, filter.key) === filter.value;
    case "differs":
      return valueOf(attributes, filter.key) !== filter.value;
    case "prefix":
      return valueOf(attributes, filter.key)?.startsWith(filter.value) ?? false;
  }
}

function valueOf(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}
