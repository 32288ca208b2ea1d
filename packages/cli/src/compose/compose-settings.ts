import { readFileSync } from "node:fs";
import { CommandError } from "../commands/command-error.ts";

/** A port of this machine that the composed house takes. */
export interface PublishedPort {
  readonly variable: string;
  readonly usual: string;
}

/** What docker-compose.yml takes of its environment. */
export interface ComposeSettings {
  /** Every variable that it names. */
  readonly variables: ReadonlySet<string>;
  /** Those without which nothing starts: the secrets. */
  readonly required: ReadonlySet<string>;
  readonly ports: readonly PublishedPort[];
}

/** Reads docker-compose.yml for its variables. Throws a CommandError where it cannot be read. */
export function readComposeSettings(file: string): ComposeSettings {
  const text = read(file);
  const names = (pattern: RegExp): Set<string> => new Set(Array.from(text.matchAll(pattern), ([, name = ""]) => name));
  return {
    variables: names(/\$\{(\w+)/g),
    required: names(/\$\{(\w+):\?/g),
    ports: Array.from(text.matchAll(/"127\.0\.0\.1:\$\{(\w+):-(\d+)\}:\d+"/g), ([, variable = "", usual = ""]) => ({
      variable,
      usual,
    })),
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CommandError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
