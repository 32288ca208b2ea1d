import { logLevels, parseEnvironment, type Environment, type LogLevels } from "@contextpilot/agent-host";
import * as z from "zod";

/** To answer what runs and to close, before the surroundings end a run. Cloud Run: 10 s from SIGTERM to SIGKILL, and so many before it. */
export const MARGIN_SECONDS = 10;

const REMEDY = `set it to the seconds that a run may take, more than ${MARGIN_SECONDS}`;

const schema = z.object({
  LOG_LEVEL: logLevels.default({ all: "info", components: {} }),
  /** Cloud Run does not tell a run how long it may take. Default: as long as something comes. */
  JOB_TIMEOUT_SECONDS: z.coerce.number({ error: REMEDY }).int(REMEDY).gt(MARGIN_SECONDS, REMEDY).optional(),
  TENANT_ID: z.string().optional(),
});

/** What every job is told by its surroundings. */
export interface JobConfig {
  readonly logLevel: LogLevels;
  /** After so long a run takes nothing more; undefined: it takes whatever comes. */
  readonly takesForSeconds: number | undefined;
  /** The one tenant whose events it takes; undefined: everyone's. */
  readonly tenantId: string | undefined;
}

/** Reads a job's configuration. Throws a StartError, one line that names the variable and the remedy. */
export function jobConfig(env: Environment): JobConfig {
  const { LOG_LEVEL, JOB_TIMEOUT_SECONDS: timeout, TENANT_ID } = parseEnvironment(schema, env);
  return {
    logLevel: LOG_LEVEL,
    takesForSeconds: timeout === undefined ? undefined : timeout - MARGIN_SECONDS,
    tenantId: TENANT_ID,
  };
}
