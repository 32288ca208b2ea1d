/** Two or more lower-case words, the last of which is no version: `git.commit`, `plan.step.completed`. */
const FAMILY = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*\.(?!v[0-9]+$)[a-z][a-z0-9_]*$/;
const VERSIONED = /^(.+)\.v([1-9][0-9]{0,3})$/;

/** An event type in its two parts: `git.commit.v1` is version 1 of the family `git.commit`. */
export interface ParsedEventType {
  readonly family: string;
  readonly version: number;
}

/** The family of an event type, as a type: `"git.commit.v1"` gives `"git.commit"`. */
export type FamilyOf<T extends string> = T extends `${infer Family}.v${number}` ? Family : never;

/** What was parsed before: event types are few, and each event names one. Of more than these nothing is kept. */
const seen = new Map<string, ParsedEventType>();
const MOST_SEEN = 1000;

/** Splits a versioned event type; undefined where it is not one (`commit.v1`, `Git.commit.v1`, `git.commit.v0`). */
export function parseEventType(text: string): ParsedEventType | undefined {
  const known = seen.get(text);
  if (known !== undefined) return known;
  const [, family, version] = VERSIONED.exec(text) ?? [];
  if (family === undefined || !FAMILY.test(family)) return undefined;
  const parsed = Object.freeze({ family, version: Number(version) });
  if (seen.size < MOST_SEEN) seen.set(text, parsed);
  return parsed;
}

/**
 * The event type with its version: one written without (`context.update`) takes the major number of `data.version`
 * (`"2.0"` or 2 is v2) and is v1 where there is none; undefined where that number cannot be read. What already has a version,
 * or is no event type at all, stays as it is.
 */
export function withVersion(eventType: string, dataVersion: unknown): string | undefined {
  if (!FAMILY.test(eventType)) return eventType;
  const major = dataVersion === undefined || dataVersion === null ? "1" : majorOf(dataVersion);
  return major === undefined ? undefined : `${eventType}.v${major}`;
}

function majorOf(version: unknown): string | undefined {
  if (typeof version !== "number" && typeof version !== "string") return undefined;
  return /^([1-9][0-9]{0,3})(?:\.|$)/.exec(String(version))?.[1];
}
