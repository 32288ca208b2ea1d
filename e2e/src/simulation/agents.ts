import { handlers as coach } from "@contextpilot/coach-agent";
import { handlers as context } from "@contextpilot/context-agent";
import type { Handler } from "@contextpilot/messaging";
import { handlers as spec } from "@contextpilot/spec-agent";
import { handlers as strategy } from "@contextpilot/strategy-agent";
import { WITNESSES, type WorkInWorld } from "../checker/witnesses.ts";

/** How an agent's processes handle events, by the version that runs. */
export type HandlersOfVersion = (version: 1 | 2, workInWorld: WorkInWorld) => readonly Handler[];

const always =
  (handlers: Readonly<Record<string, Handler>>): HandlersOfVersion =>
  () =>
    Object.values(handlers);

/** The agents of the house as they are, and the witnesses. */
export const AGENTS: Readonly<Record<string, HandlersOfVersion>> = {
  "context-agent": always(context),
  "strategy-agent": always(strategy),
  "spec-agent": always(spec),
  "coach-agent": always(coach),
  ...WITNESSES,
};
