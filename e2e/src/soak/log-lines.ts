import { readFileSync } from "node:fs";
import type { Stay } from "../checker/witnesses.ts";
import type { Act } from "./acts.ts";

/** A line of a process's log, as far as it is looked at. */
export interface LogLine {
  readonly service: string;
  readonly time: string;
  readonly message: string;
  readonly outcome?: string;
  readonly event_id?: string;
  readonly event_type?: string;
  readonly begun?: Stay;
  readonly act?: Act;
  readonly violation?: string;
}

/** The lines of a log's file that hold one of the texts. */
export const linesWith = (file: string, texts: readonly string[]): readonly LogLine[] =>
  linesIn(readFileSync(file, "utf8"), texts);

/** Likewise, of a log. What is no JSON, of a process that failed at its start, is left out. */
export function linesIn(log: string, texts: readonly string[]): readonly LogLine[] {
  return log.split("\n").flatMap((line) => {
    if (!line.startsWith("{") || !texts.some((text) => line.includes(text))) return [];
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return []; // cut off by a kill
    }
  });
}

const EVENT_ID = /[0-9a-f]{8}-[0-9a-f-]{27}/;
const MAX_LINES = 30;

/** What the logs say of the first event that a violation names. */
export function linesAbout(
  violations: readonly string[],
  logs: readonly { readonly log: string }[],
): readonly string[] {
  const id = violations.map((violation) => EVENT_ID.exec(violation)?.[0]).find((found) => found);
  if (id === undefined) return [];
  const lines = logs.flatMap(({ log }) => linesWith(log, [id]));
  return lines
    .toSorted((a, b) => (a.time < b.time ? -1 : 1))
    .slice(0, MAX_LINES)
    .map((line) => JSON.stringify(line));
}
