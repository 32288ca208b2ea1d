import { onTick } from "@contextpilot/messaging";
import { nudgeEvent } from "./nudge-event.ts";
import { paces } from "./paces.ts";
import { pacing } from "./pacing.ts";

/** Tells what has waited for its turn, when the clock says that it has come. */
export const tellWaiting = onTick(paces, (pace, { now }) => {
  const { offer, pace: next } = pacing(pace, undefined, now);
  return { events: offer === undefined ? [] : [nudgeEvent(offer)], value: next };
});
