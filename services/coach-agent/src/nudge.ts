import { derivedId, type DataOf, type FileKind } from "@contextpilot/events";
import { linesOf, type Change, type ChangedFile } from "./change.ts";
import type { Finding } from "./finding.ts";
import { churn, count, functionName, shown } from "./wording.ts";

export type Nudge = DataOf<"coach.nudge.v1">;

const TITLE_CHARACTERS = 80;
const LINK_CHARACTERS = 400;
const PLACES: Partial<Record<FileKind, string>> = {
  security: " in a security-relevant place",
  migration: " in a migration",
  ci: " in what builds and ships the code",
  dependencies: " in a list of dependencies",
};

/**
 * One nudge for a commit: it speaks of its most urgent finding, and mentions what the others have found. The same commit and
 * finding give the same nudge_id, whenever it is made.
 *
 * @param findings the most urgent first
 */
export function nudgeOf(change: Change, findings: readonly [Finding, ...Finding[]], eventId: string): Nudge {
  const [first, ...others] = findings;
  const { repository, commit_hash } = change.update;
  const room = TITLE_CHARACTERS - first.title("").length;
  return {
    nudge_id: derivedId("nudge", first.rule, repository, first.file.path, commit_hash),
    rule: first.rule,
    repository,
    title: first.title(shown(first.file.path, room)),
    why_now: [facts(change, findings), first.reason, ...also(findings)].join(" "),
    next_actions: actionsOf(first, others),
    eta_minutes: minutesFor(change),
    priority: first.priority,
    links: [shown(`${repository}@${commit_hash}:${first.file.path}`, LINK_CHARACTERS)],
    related_events: [eventId],
  };
}

/** `src/auth.py changed by 180 lines (…) in a security-relevant place, impact 7.5 of 10, and no test changed with it.` */
function facts({ update }: Change, findings: readonly [Finding, ...Finding[]]): string {
  const [{ file }] = findings;
  const all = churn(update.lines_added, update.lines_removed);
  const whole = update.files_total > 1 ? `, one of ${count(update.files_total, "file")} with ${all}` : "";
  const functions = file.functions.slice(0, 3).map(functionName);
  const touched = functions.length > 0 ? ` It touches ${functions.join(", ")}.` : "";
  return `${changed(file)}${whole}, impact ${update.impact_score.toFixed(1)} of 10${untested(file, findings)}.${touched}`;
}

/** What the others have found in other files. */
function also([first, ...others]: readonly [Finding, ...Finding[]]): string[] {
  const files = new Map(others.map(({ file }) => [file.path, file]));
  files.delete(first.file.path);
  return [...files.values()].map((file) => `Also ${changed(file)}${untested(file, others)}.`);
}

function changed(file: ChangedFile): string {
  const place = file.kind === undefined ? "" : (PLACES[file.kind] ?? "");
  return `${shown(file.path)} changed${linesOf(file) > 0 ? ` by ${churn(file.added, file.removed)}` : ""}${place}`;
}

function untested(file: ChangedFile, findings: readonly Finding[]): string {
  const found = findings.some((finding) => finding.rule === "code-without-test" && finding.file.path === file.path);
  return found ? ", and no test changed with it" : "";
}

/** The best advice of each finding; where there is room, the first one's second. */
function actionsOf(first: Finding, others: readonly Finding[]): string[] {
  const best = [first.actions[0], ...others.map((other) => other.actions[0])];
  return [...new Set([...best, first.actions[1]])].slice(0, 3);
}

/** Five minutes for each 60 lines that somebody wrote, between 5 and 25: nobody reads closely for longer at a stretch. */
function minutesFor({ files, update }: Change): number {
  const written = files.filter((file) => file.kind !== "generated").reduce((sum, file) => sum + linesOf(file), 0);
  const lines = update.changes.length > 0 ? written : update.lines_added + update.lines_removed;
  return Math.min(25, 5 * Math.max(1, Math.ceil(lines / 60)));
}
