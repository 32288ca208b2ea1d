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

/** The hash as far as git needs it; undefined for what git could not take for one. */
export function hashOf({ update }: Change): string | undefined {
  return /^[0-9a-f]{4,64}$/i.test(update.commit_hash) ? update.commit_hash.slice(0, 12) : undefined;
}

/** A colon in front would begin git's pathspec magic. */
export function pathspec(path: string): string {
  return path.startsWith(":") ? `./${path}` : path;
}
