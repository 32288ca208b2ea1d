import type { Line } from "./changelogs.ts";

const TITLE_CHARACTERS = 100;
/** More are in the patch. */
const LINES_SHOWN = 5;

/**
 * What a person reads of a proposal before they look at its patch.
 *
 * @param leftOut how many older lines had no room
 */
export function proposalText(
  path: string,
  lines: readonly Line[],
  leftOut: number,
): { readonly title: string; readonly reason: string } {
  const newest = lines.at(-1)?.text ?? "";
  const title =
    lines.length === 1 ? `Say in ${path}: ${newest}` : `Say in ${path} ${lines.length} things, the last: ${newest}`;
  const shown = lines
    .slice(-LINES_SHOWN)
    .map(({ commit_hash, section, text }) => `${commit_hash.slice(0, 7)} ${section}: ${text}`);
  const more = lines.length > shown.length ? `; and ${lines.length - shown.length} before` : "";
  const older = leftOut > 0 ? `. ${leftOut} older ones are left out` : "";
  const commits = lines.length === 1 ? "One commit brings" : `${lines.length} commits bring`;
  return {
    title: cut(title, TITLE_CHARACTERS),
    reason: `${commits} what users will notice, and ${path} does not say it yet. ${shown.join("; ")}${more}${older}`,
  };
}

function cut(text: string, longest: number): string {
  const characters = Array.from(text);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}
