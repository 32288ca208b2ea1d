import { collection } from "@contextpilot/messaging";
import { nextTurnAt, paceSchema } from "./pacing.ts";

/** How far each person has been nudged, by author id; due when what waits may be told. */
export const paces = collection("paces", paceSchema, { dueAt: nextTurnAt });
