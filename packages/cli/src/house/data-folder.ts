import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StartError } from "@contextpilot/agent-host";

/** Where a house keeps everything: one file a service, one for the broker, secrets, logs, the demo. */
export interface DataFolder {
  readonly path: string;
  /** The file of a service's documents, of the broker's log, of the dashboard's read model. */
  database(name: string): string;
  readonly logFile: string;
  readonly demo: string;
}

/** Opens the folder, and makes it where there is none. Throws a StartError that names the flag. */
export function openDataFolder(given: string): DataFolder {
  // Git and the hook run in folders of their own, where a relative path would name another one.
  const path = resolve(given);
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StartError(`data folder ${given} cannot be used (${reason}): choose another with --data`, { cause });
  }
  return {
    path,
    database: (name) => join(path, `${name}.sqlite`),
    logFile: join(path, "house.log"),
    demo: join(path, "demo"),
  };
}

/** One level after the other: where a file system makes no folders (/proc), Node's recursive mkdir never returns. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
