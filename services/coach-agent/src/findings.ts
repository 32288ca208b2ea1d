import { PRIORITIES } from "@contextpilot/events";
import type { Change } from "./change.ts";
import type { Finding, Rule } from "./finding.ts";
import { codeWithoutTest } from "./rules/code-without-test.ts";
import { highImpact } from "./rules/high-impact.ts";
import { riskyPlace } from "./rules/risky-place.ts";

/** Of equal priority, the earlier one speaks first. */
const RULES: readonly Rule[] = [highImpact, riskyPlace, codeWithoutTest];

/** What the rules find in a commit, the most urgent first. A merge repeats what its commits brought: nothing. */
export function findingsOf(change: Change): Finding[] {
  if (change.update.is_merge) return [];
  return RULES.flatMap((rule) => rule(change) ?? []).toSorted(
    (a, b) => PRIORITIES.indexOf(b.priority) - PRIORITIES.indexOf(a.priority),
  );
}
