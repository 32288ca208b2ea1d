import { type Repository, streamGit } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

/** How much of a commit's patch is read; the functions of the files behind it are not named. */
export const PATCH_BYTES_A_COMMIT = 8 * 1024 * 1024;
const FUNCTIONS_A_FILE = 20;
const LONGEST_NAME = 120;
const LONGEST_LINE_BYTES = 256 * 1024;
const NEWLINE = 10;

/** For each commit, the functions of each patched file: its modified and renamed ones, in the order of git's raw diff. */
export type FunctionsByCommit = ReadonlyMap<string, readonly (readonly string[])[]>;

/**
 * The functions that changed, as git names them in the hunk headers: with the heading it would print, at most 20 a file.
 * A commit whose patch is over the limit keeps what was read; the ones after it are read by a process of their own.
 *
 * @param diffOptions what decides renames: the same as for the raw diff, or the files would not match
 */
export async function readFunctions(
  repository: Repository,
  hashes: readonly string[],
  diffOptions: readonly string[],
  patchBytes = PATCH_BYTES_A_COMMIT,
): Promise<FunctionsByCommit> {
  const functions = new Map<string, string[][]>();
  for (let rest = hashes; rest.length > 0;) {
    const output = streamGit(
      repository,
      ["diff-tree", "--stdin", "--format=commit %H", "--diff-filter=MR", "--patch", "-U0", ...diffOptions],
      rest.map((hash) => `${hash}\n`),
    );
    const cutAt = await parseFunctions(output, functions, patchBytes);
    rest = cutAt === undefined ? [] : rest.slice(rest.indexOf(cutAt) + 1);
  }
  return functions;
}

/**
 * Reads patches line by line. A patch's content always stands behind `+`, `-`, a space or a backslash, so what begins a
 * line with another character is a header, whatever the files contain.
 *
 * @returns the commit in whose patch the limit was passed, if one was
 */
export async function parseFunctions(
  chunks: AsyncIterable<Buffer>,
  into: Map<string, string[][]>,
  patchBytes: number,
): Promise<string | undefined> {
  let hash: string | undefined;
  let files: string[][] = [];
  let bytes = 0;
  for await (const line of splitTokens(chunks, NEWLINE, LONGEST_LINE_BYTES)) {
    const first = line[0];
    if (first === AT) addFunction(files.at(-1), line);
    else if (first === LETTER_D && startsWith(line, "diff --git ")) files.push([]);
    else if (first === LETTER_C && startsWith(line, "commit ")) {
      hash = line.toString("latin1", "commit ".length);
      files = [];
      bytes = 0;
      into.set(hash, files);
    }
    bytes += line.length + 1;
    if (bytes > patchBytes) return hash;
  }
  return undefined;
}

const AT = 0x40;
const LETTER_C = 0x63;
const LETTER_D = 0x64;

function startsWith(line: Buffer, word: string): boolean {
  return line.toString("latin1", 0, word.length) === word;
}

/** `@@ -5 +5 @@ int main(void)`; git cuts the heading at 80 bytes, perhaps within a character. */
function addFunction(names: string[] | undefined, line: Buffer): void {
  if (!names || names.length >= FUNCTIONS_A_FILE) return;
  const heading = /^@@ [^@]* @@ ([^]*)$/.exec(line.toString())?.[1] ?? "";
  const name = heading
    .replace(/\uFFFD+$/, "")
    .trim()
    .slice(0, LONGEST_NAME);
  if (name !== "" && !names.includes(name)) names.push(name);
}
