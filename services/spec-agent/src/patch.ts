import { hash } from "node:crypto";
import { formatPatch, structuredPatch } from "diff";

export interface Patch {
  /** A unified diff as `git apply` takes it. */
  readonly patch: string;
  /** SHA-256 of its UTF-8 bytes, in hex. */
  readonly patch_sha256: string;
}

/**
 * The patch that makes a file's text another one, with three lines around each change, as git does. Line ends, a byte order mark
 * and a missing final newline stay as the two texts have them.
 *
 * @param before undefined where the patch makes the file
 */
export function patchOf(path: string, before: string | undefined, after: string): Patch {
  const diff = structuredPatch(`a/${path}`, `b/${path}`, before ?? "", after, undefined, undefined, { context: 3 });
  const made = before === undefined ? { oldFileName: "/dev/null", isCreate: true, newMode: "100644" } : {};
  const patch = formatPatch({ ...diff, ...made, isGit: true });
  return { patch, patch_sha256: hash("sha256", patch) };
}
