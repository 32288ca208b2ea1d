import { causeOf } from "@contextpilot/events";
import { handler } from "@contextpilot/messaging";
import { findingId } from "./finding.ts";
import { insightNudge } from "./insight-nudge.ts";
import { nothingNew, offering } from "./offering.ts";
import { paces } from "./paces.ts";
import { settled, wasTold } from "./pacing.ts";
import { placesOf } from "./places.ts";

/** Tells the author with whose commit something crossed a threshold what the history shows. */
export const passOnInsight = handler("strategy.insight.v1", {
  state: ({ user_id = "unknown", data }) => ({ pace: paces.of(user_id), places: placesOf.of(data.repository) }),
  decide: (insight, memory, { now }) => {
    const { user_id = "unknown", data } = insight;
    if (data.rule === "budget") return { events: [], note: "a notice for all, and nobody's finding" };
    if (user_id === "unknown") return { events: [], note: "nobody to tell" };
    const finding = findingId(data.rule, data.repository, ...data.files);
    if (wasTold(memory.pace, finding, now)) return nothingNew(memory.pace, now);
    const nudge = insightNudge(data, insight);
    const candidate = {
      findings: [finding],
      nudge,
      person: user_id,
      cause: causeOf(insight),
      not_before: settled(now),
    };
    return offering(candidate, memory, now);
  },
});
