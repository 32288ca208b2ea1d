import * as z from "zod";
import { defineEvent } from "./define-event.ts";
import { PRIORITIES } from "./envelope.ts";

/** A nudge to one person, named by the envelope's user_id: a few words, and what to do next. Natural key: its nudge_id. */
export const coachNudge = defineEvent("coach.nudge.v1", (object) =>
  object({
    nudge_id: z.string().min(1).max(128),
    /** The rule that found it, as `code-without-test`. */
    rule: z.string().min(1).default("unknown"),
    repository: z.string().min(1).max(256).default("default"),
    title: z.string().min(1).max(120),
    why_now: z.string().min(1).max(1000),
    next_actions: z.array(z.string().min(1).max(300)).min(2).max(3),
    eta_minutes: z.int().min(5).max(25),
    priority: z.enum(PRIORITIES),
    links: z.array(z.string()).default([]),
    /** The ids of the events that gave rise to it. */
    related_events: z.array(z.string()).default([]),
  }),
);
