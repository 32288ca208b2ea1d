import { silenceOver } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
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
    const silent = change.sweeping ? "over 30 files" : silenceOver(data);
    if (silent !== undefined) return { events: [], state: stateOf(before, after), note: silent };

    const findings = findingsIn(after, change, now).slice(0, INSIGHTS_AT_ONCE);
    const hottest = toRefactor(after, change, now);
    return {
      events: [
        ...findings.map((finding) => insightEvent(finding, data)),
        ...(hottest === undefined ? [] : [refactorProposal(hottest, partnersOf(after, hottest), data, now)]),
      ],
      state: stateOf(before, told(after, findings, hottest)),
      ...(findings.length === 0 && hottest === undefined ? { note: "crosses no threshold" } : {}),
    };
  },
});

/** Most commits pair nothing up; then the pairs stay as they are in the store. */
function stateOf(before: History, { files, next_id, authors, pairs }: History) {
  const known = { files: [...files], next_id, authors: [...authors] };
  return pairs === before.pairs ? { known } : { known, together: { pairs: pairs.map(keptPair) } };
}
