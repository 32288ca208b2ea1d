import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the source says of an event type, in the comments that stand before it and before its fields. */
export interface EventComments {
  readonly event: string;
  /** By the field's name, wherever in the data it stands. */
  readonly fields: ReadonlyMap<string, string>;
}

const COMMENT = String.raw`/\*\*((?:(?!\*/)[^])*)\*/\s*`;
const DEFINITION = new RegExp(
  String.raw`${COMMENT}export const \w+ = defineEvent\("([\w.]+)",([^]*?)(?=^/\*|^export|^const|(?![^]))`,
  "gm",
);
const FIELD = new RegExp(String.raw`${COMMENT}(?:readonly )?(\w+)\??:`, "g");

/**
 * The words of packages/events for its events, so that nobody writes them a second time. A field's are those in its event's own
 * definition, or else the first in the file, whose shapes it may share. Throws an Error where an event type has none.
 */
export function eventComments(folder: string, types: readonly string[]): ReadonlyMap<string, EventComments> {
  const sources = globSync("*.ts", { cwd: folder }).filter((name) => !name.includes(".test."));
  const found = new Map(sources.flatMap((name) => commentsIn(readFileSync(join(folder, name), "utf8"))));
  const silent = types.filter((type) => !found.has(type));
  if (silent.length > 0) {
    throw new Error(`${silent.join(", ")}: say in packages/events what it is, in a comment before its definition`);
  }
  return found;
}

function commentsIn(source: string): (readonly [string, EventComments])[] {
  const shared = fieldsIn(source);
  return Array.from(source.matchAll(DEFINITION), ([, comment = "", type = "", body = ""]) => [
    type,
    { event: wordsOf(comment), fields: new Map([...shared, ...fieldsIn(body)]) },
  ]);
}

/** Of several of one name the first. */
function fieldsIn(text: string): Map<string, string> {
  const all = Array.from(text.matchAll(FIELD), ([, comment = "", name = ""]) => [name, wordsOf(comment)] as const);
  return new Map(all.toReversed());
}

/** The words for the fields that every event has around its data. */
export function envelopeComments(folder: string): ReadonlyMap<string, string> {
  return fieldsIn(readFileSync(join(folder, "envelope.ts"), "utf8"));
}

const wordsOf = (comment: string): string => comment.replaceAll(/\s*\n\s*\*?\s*/g, " ").trim();
