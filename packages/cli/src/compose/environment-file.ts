import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { Environment } from "@contextpilot/agent-host";
import { CommandError } from "../commands/command-error.ts";

/**
 * Makes the file from the example, for its owner alone, with a random text for each of the secrets. Gives whether it did: one that
 * is there is left as it is. Throws a CommandError.
 */
export function makeEnvironmentFile(file: string, example: string, secrets: ReadonlySet<string>): boolean {
  if (existsSync(file)) return false;
  try {
    const text = readFileSync(example, "utf8").replaceAll(/^(\w+)=$/gm, (line, name: string) =>
      secrets.has(name) ? `${name}=${randomBytes(32).toString("hex")}` : line,
    );
    writeFileSync(file, text, { mode: 0o600, flag: "wx", flush: true });
    return true;
  } catch (cause) {
    throw new CommandError(`${file} cannot be made of ${example}: ${(cause as Error).message}`, { cause });
  }
}

/** What the file says. Throws a CommandError. */
export function readEnvironmentFile(file: string): Environment {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new CommandError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
