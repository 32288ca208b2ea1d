import { silenceOver } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { budgetNotice } from "./budget-notice.ts";
import { budgetAt, fitted, type Budget } from "./budget.ts";
import { changeOf } from "./change.ts";
import { keptPair, pairOf } from "./file-pairs.ts";
import { fileHistories, pairHistories } from "./histories.ts";
import { findingsIn, partnersOf, remember, toRefactor, told, type History } from "./history.ts";
import { insightEvent } from "./insight-event.ts";
import { refactorProposal } from "./refactor-proposal.ts";

/** Of one commit; what else crossed its threshold is told of when it changes next. */
const INSIGHTS_AT_ONCE = 3;

/** Adds each measured commit to its repository's history, and says what crosses a threshold with it. */
export const followCommit = handler("context.update.v1", {
  state: ({ data }) => ({ known: fileHistories.of(data.repository), together: pairHistories.of(data.repository) }),
  decide: ({ data }, { known, together }, context) => {
    if (data.is_merge) return { events: [], note: "a merge repeats what its commits brought" };
    const change = changeOf(data, context.now);
    if (change.files.length === 0) return { events: [], note: "changes no code" };

    const now = context.now.getTime();
    const before: History = { ...known, pairs: together.pairs.map(pairOf) };
    const after = remember(before, change, now);
    const budget = budgetAt(known.budget, context.now);
    const silence = change.sweeping ? "over 30 files" : silenceOver(data);
    if (silence !== undefined) return { events: [], state: stateOf(before, after, budget), note: silence };

    const found = findingsIn(after, change, now).slice(0, INSIGHTS_AT_ONCE);
    const { findings, refactored, leftOut } = fitted(budget, found, toRefactor(after, change, now));
    const isNews = leftOut.length > 0 && !budget.noticed;
    const events = [
      ...findings.map((finding) => insightEvent(finding, data)),
      ...(refactored === undefined ? [] : [refactorProposal(refactored, partnersOf(after, refactored), data, now)]),
    ];
    const spent = { ...budget, spent: budget.spent + events.length, noticed: budget.noticed || isNews };
    return {
      events: isNews ? [...events, budgetNotice(leftOut, budget, data)] : events,
      state: stateOf(before, told(after, findings, refactored), spent),
      ...(events.length === 0 && {
        note: leftOut.length > 0 ? "the hour's findings are told" : "crosses no threshold",
      }),
    };
  },
});

/** Most commits pair nothing up; then the pairs stay as they are in the store. */
function stateOf(before: History, { files, next_id, authors, pairs }: History, budget: Budget) {
  const known = { files: [...files], next_id, authors: [...authors], budget };
  return pairs === before.pairs ? { known } : { known, together: { pairs: pairs.map(keptPair) } };
}
