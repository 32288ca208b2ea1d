import type { Change, ChangedFile } from "./change.ts";
import { command, shown } from "./wording.ts";

/** coach.nudge.v1 takes so many. */
const ACTION_CHARACTERS = 300;

/** `words: command` where there is one to type and room for it; otherwise what to do in words alone. */
export function action(words: string, line: string | undefined, otherwise = words): string {
  const whole = `${words}: \`${line}\``;
  return line === undefined || whole.length > ACTION_CHARACTERS ? `${otherwise}.` : whole;
}

/** Looks at one file's part of the commit. */
export function readAgain(change: Change, file: ChangedFile, words = "Read the change once more"): string {
  const hash = hashOf(change);
  const line = hash && (command("git", "show", hash, "--", pathspec(file.path)) ?? command("git", "show", hash));
  return action(words, line, `${words}, in ${shown(file.path)}`);
}

/** Looks at what changed the files. */
export function seeLog(...paths: readonly string[]): string {
  const places = paths.map((path) => shown(path)).join(" and ");
  const line = command("git", "log", "--oneline", "--", ...paths.map(pathspec));
  return action(
    `See what keeps changing ${paths.length === 1 ? "it" : "them"}`,
    line,
    `See what keeps changing ${places}`,
  );
}

/** Looks at all that the push caused. */
export function seeChain(correlationId: string): string {
  const line = houseCommand("chains", correlationId);
  return action(
    "See the push that it comes from",
    line,
    "Look for the push that it comes from: `./contextpilot chains`",
  );
}

/** A command of the house; undefined where an id in it would be taken for an option. */
export function houseCommand(noun: string, ...words: readonly [...verb: string[], id: string]): string | undefined {
  return words.at(-1)?.startsWith("-") ? undefined : command("./contextpilot", noun, ...words);
}

/** The hash as far as git needs it; undefined for what git could not take for one. */
export function hashOf({ update }: Change): string | undefined {
  return /^[0-9a-f]{4,64}$/i.test(update.commit_hash) ? update.commit_hash.slice(0, 12) : undefined;
}

/** A colon in front would begin git's pathspec magic. */
export function pathspec(path: string): string {
  return path.startsWith(":") ? `./${path}` : path;
}
