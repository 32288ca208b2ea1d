import { plainJson, plainLine } from "../commands/plain-text.ts";
import type { Terminal } from "../commands/terminal.ts";
import type { Check } from "./check.ts";
import type { SmokeReport } from "./run-smoke.ts";

const ALWAYS_LEFT_OUT = "that the proxy lets only its people in, that a dead letter is really forwarded";

/** What a chain has shown where it came to its nudge, and what it never shows. */
export const meaningOf = ({ fetched, knocked }: Parts) => ({
  proves: `${fetched ? "git-agent's fetch, " : ""}pushes by their tokens, context-agent, coach-agent, Firestore, the dashboard's feed`,
  leaves_out: `${fetched ? "" : "git-agent's fetch (--repository, --before and --after include it), "}${knocked ? "" : "that the webhook wants signatures (--webhook looks), "}${ALWAYS_LEFT_OUT}`,
});

interface Parts {
  /** The chain began with a push. */
  readonly fetched: boolean;
  /** Somebody was at the webhook without a signature. */
  readonly knocked: boolean;
}

/** A line a check for people, with the remedy below; or one object of JSON. */
export function printReport(
  report: SmokeReport,
  { json, ...parts }: Parts & { readonly json: boolean },
  terminal: Terminal,
): void {
  const meaning = meaningOf(parts);
  if (json) return terminal.print(plainJson({ ...report, ...meaning }));
  for (const check of report.checks) printCheck(check, terminal);
  const { correlation_id, tenant } = report;
  terminal.note(`The chain ${correlation_id} is in the tenant ${plainLine(tenant)}.`);
  terminal.note(`A chain that gets to its nudge proves ${meaning.proves}.`);
  terminal.note(`It does not prove ${meaning.leaves_out}.`);
}

const WIDTH = "unchecked".length;

function printCheck(check: Check, terminal: Terminal): void {
  const { colours } = terminal;
  const colour = { ok: colours.green, wrong: colours.red, unchecked: colours.dim }[check.state];
  terminal.print(`${colour(check.state.padEnd(WIDTH))}  ${check.check.padEnd(13)}  ${plainLine(check.what)}`);
  if (check.state !== "wrong") return;
  terminal.print(`${" ".repeat(WIDTH + 17)}${colours.bold("mend it:")} ${plainLine(check.mend)}`);
}
