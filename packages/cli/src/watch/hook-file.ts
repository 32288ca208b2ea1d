import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandError } from "../commands/command-error.ts";

const PROGRAM = fileURLToPath(new URL("../hook/tell-house.ts", import.meta.url));
const MARK = "# ContextPilot hears of pushes by this hook";
const KEPT = ".before-contextpilot";

/** What the hook tells, and to whom. */
export interface HookPurpose {
  readonly dataFolder: string;
  readonly repository: string;
  /** Of a clone: the git folder and the remote whose branches it follows. A bare repository is pushed to itself. */
  readonly clone?: { readonly gitFolder: string; readonly remote: string };
}

/** Which hook of git tells it. pre-push would tell also of what the server then refuses. */
export const hookNameOf = ({ clone }: HookPurpose): string =>
  clone === undefined ? "post-receive" : "reference-transaction";

/**
 * Installs the hook; one that is there is kept beside it, and called first with the same input, arguments and exit code. Safe
 * to repeat. Gives the hook's SHA-256. Throws a CommandError; then nothing was changed.
 */
export function installHook(hook: string, purpose: HookPurpose): string {
  const script = scriptOf(purpose);
  try {
    mkdirSync(dirname(hook), { recursive: true });
    writeFileSync(`${hook}.new`, script, { mode: 0o755, flush: true });
    if (isThere(hook) && !isOurs(hook)) keep(hook);
    renameSync(`${hook}.new`, hook);
  } catch (cause) {
    if (isThere(`${hook}.new`)) rmSync(`${hook}.new`);
    throw cause instanceof CommandError ? cause : failed("written", hook, cause);
  }
  return hashOf(script);
}

/** Takes the hook away, and puts back what was there. Throws a CommandError where somebody has changed it; then nothing was changed. */
export function removeHook(hook: string, sha256: string): void {
  if (hookState(hook, sha256) === "changed") {
    throw new CommandError(
      `${hook} was changed since it was installed, so it is left alone: save what was added, remove the file, and unwatch again`,
    );
  }
  try {
    if (isThere(hook + KEPT)) renameSync(hook + KEPT, hook);
    else rmSync(hook, { force: true });
  } catch (cause) {
    throw failed("removed", hook, cause);
  }
}

/** Whether the hook is as it was installed. */
export function hookState(hook: string, sha256: string): "installed" | "missing" | "changed" {
  if (!isThere(hook)) return "missing";
  try {
    return hashOf(readFileSync(hook, "utf8")) === sha256 ? "installed" : "changed";
  } catch {
    return "changed";
  }
}

function keep(hook: string): void {
  if (isThere(hook + KEPT))
    throw new CommandError(`${hook + KEPT} is in the way: an earlier watch kept it there; move it, and try again`);
  renameSync(hook, hook + KEPT);
}

/** A link that points nowhere is there too. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // what should be its folder is none, or may not be looked into
  }
}

const isOurs = (hook: string): boolean => existsSync(hook) && readFileSync(hook, "latin1").includes(MARK);
const hashOf = (script: string): string => createHash("sha256").update(script).digest("hex");

function failed(what: string, hook: string, cause: unknown): CommandError {
  return new CommandError(`${hook} cannot be ${what}: ${(cause as Error).message}`, { cause });
}

/** In a clone every commit is a transaction, and a fetch one for each ref: the program starts where a remote's branch moved, in the background. */
function scriptOf(purpose: HookPurpose): string {
  const { dataFolder, repository, clone } = purpose;
  const args = [dataFolder, repository, ...(clone === undefined ? [] : [clone.gitFolder, clone.remote])];
  const run = [process.execPath, "--disable-warning=ExperimentalWarning", PROGRAM, ...args].map(quoted).join(" ");
  const tell = `printf %s "$input" | ${run}`;
  const inBackground = `
case "$1 $input" in
committed*" refs/remotes/"*) (${tell}) </dev/null >/dev/null 2>&1 & ;;
esac`;
  return `#!/bin/sh
${MARK}; ./contextpilot unwatch takes it away.
# The hook that was here before is kept beside it, and runs first: its exit code is this hook's.
kept="$0${KEPT}"
input=$(cat; echo .)
input=\${input%.}
status=0
if [ -x "$kept" ]; then
  printf %s "$input" | "$kept" "$@"
  status=$?
fi
${clone === undefined ? tell : inBackground.trimStart()}
exit $status
`;
}

/** As a shell reads it as one word. */
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
