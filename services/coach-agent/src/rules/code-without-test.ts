import type { ChangeType } from "@contextpilot/events";
import { action, readAgain } from "../actions.ts";
import { isTest, wantsTest, type ChangedFile } from "../change.ts";
import type { Rule } from "../finding.ts";
import { testPlanFor, type TestPlan } from "../test-plan.ts";
import { command, count, functionName, shown } from "../wording.ts";

/** So many new lines of code should bring a test along. */
export const UNTESTED_LINES = 30;

/** Changes of these types bring no behaviour of their own. */
const WITHOUT_BEHAVIOUR: ReadonlySet<ChangeType> = new Set<ChangeType>(["docs", "style", "test", "revert"]);

/** New code, and no test changed with it; it is about the file with the most new lines. */
export const codeWithoutTest: Rule = (change) => {
  // A test may be among the files that are not listed.
  if (!change.complete || WITHOUT_BEHAVIOUR.has(change.update.change_type) || change.files.some(isTest))
    return undefined;
  const code = change.files.filter(wantsTest);
  const added = code.reduce((sum, file) => sum + grownBy(file), 0);
  const file = code.toSorted((a, b) => grownBy(b) - grownBy(a))[0];
  const plan = file && testPlanFor(file.path);
  if (file === undefined || plan === undefined || added < UNTESTED_LINES) return undefined;
  return {
    rule: "code-without-test",
    file,
    priority: code.some((file) => file.kind === "security") ? "high" : "normal",
    title: (place) => `Give ${place} a test: ${count(grownBy(file), "new line")} came without one`,
    reason: "A test is quickest to write while the change is fresh.",
    actions: [
      writeAndRun(file, plan),
      readAgain(change, file, "Look for the line that would hurt most if it were wrong"),
    ],
  };
};

/** What was written anew, moved or laid out otherwise was tested before or was not: only what is more than before is new. */
function grownBy({ added, removed }: ChangedFile): number {
  return Math.max(0, added - removed);
}

function writeAndRun(file: ChangedFile, plan: TestPlan): string {
  const [heading] = file.functions;
  const place = plan.file === file.path ? `the tests module of ${shown(plan.file)}` : shown(plan.file);
  const words = `Add to ${place} one case that works and one that must fail`;
  return action(heading === undefined ? words : `${words} for ${functionName(heading)}`, command(...plan.run), words);
}
