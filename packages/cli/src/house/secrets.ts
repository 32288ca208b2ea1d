import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import * as z from "zod";

const secret = z.string().min(16);
const schema = z.looseObject({
  /** Signs what hooks send to the webhook. */
  webhook: secret,
  /** Turns authors' e-mail addresses into ids. Another key, other ids: keep it. */
  author_key: secret,
  /** Whoever shows it to the web API may redrive, resend, discard and replay. Missing in the file of an older house. */
  api_token: secret.optional(),
});

export interface Secrets {
  readonly webhook: string;
  readonly author_key: string;
  readonly api_token: string;
}

/**
 * The house's secrets, from a file that only its owner may read; made at the first start, and added to by a newer house.
 * Throws a StartError.
 */
export function loadSecrets(dataFolder: string): Secrets {
  const file = secretsFile(dataFolder);
  const text = readIfThere(file);
  if (text === undefined) {
    const secrets = { webhook: newSecret(), author_key: newSecret(), api_token: newSecret() };
    create(file, textOf(secrets));
    return secrets;
  }
  const known = parseSecrets(file, text);
  const { api_token } = known;
  if (api_token !== undefined) return { ...known, api_token };
  const secrets = { ...known, api_token: newSecret() };
  replace(file, textOf(secrets));
  return secrets;
}

/** The token of the web API of the house that keeps its things in the folder; undefined where none has been started there. */
export function readApiToken(dataFolder: string): string | undefined {
  const file = secretsFile(dataFolder);
  const text = readIfThere(file);
  return text === undefined ? undefined : parseSecrets(file, text).api_token;
}

/** Keeps secrets that were made elsewhere. Throws a StartError. */
export function keepSecrets(dataFolder: string, secrets: Secrets): void {
  replace(secretsFile(dataFolder), textOf(secrets));
}

/** Where they are kept. */
export const secretsFile = (dataFolder: string): string => join(dataFolder, "secrets.json");
const newSecret = (): string => randomBytes(32).toString("hex");
const textOf = (secrets: object): string => `${JSON.stringify(secrets, null, 2)}\n`;

function parseSecrets(file: string, text: string): z.output<typeof schema> {
  const read = schema.safeParse(parseOrUndefined(text));
  if (read.success) return read.data;
  throw new StartError(
    `${file} cannot be read as the house's secrets: bring back a copy, or remove it to have new ones made`,
  );
}

/** Of two houses that start at once, one; of a full disk, nothing. */
function create(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx", flush: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") rmSync(file, { force: true });
    throw notWritten(file, cause);
  }
}

/** Whole or not at all: the file holds the only copy of what is in it. */
function replace(file: string, text: string): void {
  try {
    writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  } catch (cause) {
    throw notWritten(file, cause);
  }
}

function notWritten(file: string, cause: unknown): StartError {
  const remedy = "free some space, let this user write it, or choose another data folder with --data";
  return new StartError(`${file} cannot be written (${(cause as Error).message}): ${remedy}`, { cause });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StartError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
