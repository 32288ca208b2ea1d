import { GitError } from "./git-error.ts";
import { measureText, type TextMeasure } from "./measure-text.ts";
import { type Repository, streamGit } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

/** A longer file is generated or data: it is not read. */
export const LARGEST_BLOB_BYTES = 1024 * 1024;
/** What is read for one commit, its largest changes first. */
export const BLOB_BYTES_A_COMMIT = 16 * 1024 * 1024;

const NEWLINE = 10;

/**
 * Measures the texts of some commits: one git process for the sizes, one for the contents, one blob in memory at a time.
 *
 * @param wanted for each commit its blobs, the most important first; what is over the limits, or not there, is left out
 * @returns the measures by blob
 */
export async function measureBlobs(
  repository: Repository,
  wanted: readonly (readonly string[])[],
): Promise<ReadonlyMap<string, TextMeasure>> {
  const sizes = await blobSizes(repository, new Set(wanted.flat()));
  const chosen = new Set(wanted.flatMap((blobs) => withinBudget(blobs, sizes)));
  const measures = new Map<string, TextMeasure>();
  if (chosen.size === 0) return measures;
  const output = streamGit(repository, ["cat-file", "--batch"], lines(chosen));
  for await (const { hash, content } of parseBlobs(output)) measures.set(hash, measureText(content));
  return measures;
}

async function blobSizes(repository: Repository, blobs: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  if (blobs.size === 0) return sizes;
  const output = streamGit(repository, ["cat-file", "--batch-check"], lines(blobs));
  for await (const line of splitTokens(output, NEWLINE, 256)) {
    const [hash = "", type, size] = line.toString("latin1").split(" ");
    if (type === "blob") sizes.set(hash, Number(size));
  }
  return sizes;
}

function withinBudget(blobs: readonly string[], sizes: ReadonlyMap<string, number>): string[] {
  let left = BLOB_BYTES_A_COMMIT;
  return blobs.filter((blob) => {
    const size = sizes.get(blob) ?? Infinity;
    if (size > LARGEST_BLOB_BYTES || size > left) return false;
    left -= size;
    return true;
  });
}

function* lines(hashes: Iterable<string>): Generator<string> {
  for (const hash of hashes) yield `${hash}\n`;
}

/** Reads `git cat-file --batch`: `<hash> blob <size>` NEWLINE content NEWLINE. Contents are valid until the next one. */
export async function* parseBlobs(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<{ hash: string; content: Buffer }, void, undefined> {
  let pending: Buffer[] = [];
  let have = 0;
  let need = 0; // bytes below which no further record can be complete
  for await (const chunk of chunks) {
    pending.push(chunk);
    have += chunk.length;
    if (have < need) continue;
    let rest = Buffer.concat(pending);
    let record = firstBlob(rest);
    for (; record.content; record = firstBlob(rest)) {
      yield { hash: record.hash, content: record.content };
      rest = rest.subarray(record.end);
    }
    pending = [rest];
    have = rest.length;
    need = record.end;
  }
  if (have > 0) throw new GitError("failed", "git's blobs end in the middle of one");
}

/** The first record, its content undefined until all of it is there; `end` is where it ends, as far as that is known. */
function firstBlob(bytes: Buffer): { hash: string; content: Buffer | undefined; end: number } {
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0) return { hash: "", content: undefined, end: bytes.length + 1 };
  const header = bytes.toString("latin1", 0, newline);
  const [, hash, size] = /^([0-9a-f]+) blob (\d+)$/.exec(header) ?? [];
  if (!hash || !size) throw new GitError("failed", `git's blobs have the line ${JSON.stringify(header.slice(0, 80))}`);
  const start = newline + 1;
  const end = start + Number(size) + 1;
  return { hash, content: bytes.length < end ? undefined : bytes.subarray(start, end - 1), end };
}
