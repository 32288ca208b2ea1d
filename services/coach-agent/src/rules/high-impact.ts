import type { FileKind } from "@contextpilot/events";
import { action, pathspec, readAgain } from "../actions.ts";
import { linesOf, type ChangedFile } from "../change.ts";
import type { Rule } from "../finding.ts";
import { command } from "../wording.ts";

/** From this impact on a change is worth a second pair of eyes. */
export const HIGH_IMPACT = 7;

/** How much sooner one looks at a line of this kind than at a line of code. */
const ATTENTION: Partial<Record<FileKind, number>> = {
  security: 3,
  migration: 3,
  ci: 2,
  dependencies: 2,
  config: 0.5,
};
/** What breaks nothing for those who build on the change, however long it is. */
const HARMLESS: ReadonlySet<FileKind> = new Set<FileKind>(["test", "docs", "generated", "asset"]);

/** A commit of high impact; it is about the file that one should look at first. Where nothing else changed than tests and pages, none. */
export const highImpact: Rule = (change) => {
  const { impact_score } = change.update;
  const file = firstToRead(change.files);
  if (impact_score < HIGH_IMPACT || file === undefined) return undefined;
  return {
    rule: "high-impact",
    file,
    priority: "high",
    title: (place) => `Get a second pair of eyes on ${place} (impact ${impact_score.toFixed(1)})`,
    reason: "A change of this weight is easiest to correct before others build on it.",
    actions: [
      readAgain(change, file),
      action(
        "Ask one of those who work there most to read along",
        command("git", "shortlog", "-sn", "HEAD", "--", pathspec(folderOf(file.path))),
      ),
    ],
  };
};

function firstToRead(files: readonly ChangedFile[]): ChangedFile | undefined {
  const worthReading = files.filter((file) => !isGone(file) && (file.kind === undefined || !HARMLESS.has(file.kind)));
  return worthReading.toSorted((a, b) => attention(b) - attention(a))[0];
}

function isGone({ added, removed }: ChangedFile): boolean {
  return added === 0 && removed > 0;
}

function attention(file: ChangedFile): number {
  return linesOf(file) * (file.kind === undefined ? 1 : (ATTENTION[file.kind] ?? 1));
}

/** Of a new file nobody knows much yet; of its folder somebody may. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || ".";
}
