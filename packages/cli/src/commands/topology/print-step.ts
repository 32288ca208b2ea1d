import type { Difference, Step } from "@contextpilot/pubsub";
import { plainJson, plainLine } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";

/** What stands in the line: what was done, or what was found by a look alone. */
type Mode = "done" | "found";

const WORDS = {
  create: { done: "created", found: "missing" },
  update: { done: "updated", found: "differs" },
  keep: { done: "unchanged", found: "unchanged" },
  delete: { done: "deleted", found: "there" },
  refuse: { done: "refused", found: "cannot be changed" },
} as const satisfies Record<Step["kind"], Record<Mode, string>>;

/** A line for people, with the way around below it where there is one; or an object of JSON. */
export function printStep(step: Step, mode: Mode, { json }: { readonly json: boolean }, terminal: Terminal): void {
  const { kind, resource, name } = step;
  const state = WORDS[kind][mode];
  const differences = "differences" in step ? step.differences : [];
  const remedy = "remedy" in step ? step.remedy : undefined;
  if (json) return terminal.print(plainJson({ resource, name, state, differences, remedy }));
  const { colours } = terminal;
  const colour = {
    create: colours.green,
    update: colours.yellow,
    keep: colours.dim,
    delete: colours.red,
    refuse: colours.red,
  };
  const line = [
    state.padEnd(WIDTH),
    resource.padEnd("subscription".length),
    plainLine(name),
    ...differences.map(inWords),
  ];
  terminal.print(colour[kind](line.join("  ")));
  if (remedy !== undefined) terminal.print(`${" ".repeat(WIDTH + 2)}${plainLine(remedy)}`);
}

/** For people: how many of each. */
export function printCounts(
  steps: readonly Step[],
  mode: Mode,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): void {
  if (json) return;
  const counts = Object.entries(Object.groupBy(steps, ({ kind }) => WORDS[kind][mode]));
  terminal.note(
    counts.map(([state, all]) => `${all.length} ${state}`).join(", ") || "Nothing of the topology is there.",
  );
}

const WIDTH = "cannot be changed".length;

/** `ackDeadlineSeconds: 10 -> 60`. */
export const inWords = ({ field, from, to }: Difference): string =>
  plainLine(`${field}: ${JSON.stringify(from) ?? "none"} -> ${JSON.stringify(to) ?? "none"}`);
