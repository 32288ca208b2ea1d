import * as z from "zod";
import { parseEnvironment, type Environment } from "./environment.ts";
import { logLevels, type LogLevels } from "./log-levels.ts";

/** Where a process listens, and how much it tells. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
  /** For createLogger, which takes its service's own. */
  readonly logLevel: LogLevels;
}

const PORT_REMEDY = "set it to a port from 0 to 65535";

/** The variables, for whoever reads further ones with them: then one line names all that are wrong. */
export const listenShape = {
  /** Where to listen. Default: this machine only; everywhere on Cloud Run, whose door stands before it. */
  HOST: z.string().optional(),
  PORT: z.coerce
    .number({ error: PORT_REMEDY })
    .int(PORT_REMEDY)
    .min(0, PORT_REMEDY)
    .max(65_535, PORT_REMEDY)
    .default(8080),
  LOG_LEVEL: logLevels.default({ all: "info", components: {} }),
  /** Set by Cloud Run. */
  K_SERVICE: z.string().optional(),
};
const schema = z.object(listenShape);

/** Reads where a process listens. Throws a StartError, one line that names the variable and the remedy. */
export const listenConfig = (env: Environment): ListenConfig => listenConfigOf(parseEnvironment(schema, env));

/** The same, of variables that were read with others. */
export function listenConfigOf({ HOST, PORT, LOG_LEVEL, K_SERVICE }: z.output<typeof schema>): ListenConfig {
  return { host: HOST ?? (K_SERVICE === undefined ? "127.0.0.1" : "0.0.0.0"), port: PORT, logLevel: LOG_LEVEL };
}
