import * as z from "zod";
import { defineEvent } from "./define-event.ts";

/** A minute has begun. Natural key: the minute, so that several clocks say one event. It wakes everything that is due. */
export const clockTick = defineEvent("clock.tick.v1", (object) =>
  object({
    /** The minute's first moment: UTC, ISO 8601. */
    minute: z.iso.datetime(),
  }),
);
