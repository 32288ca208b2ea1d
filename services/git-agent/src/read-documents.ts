import { CHANGELOG_PATH, type DataOf } from "@contextpilot/events";
import { requireObjectHash } from "./object-hash.ts";
import { streamGit, type Repository } from "./run-git.ts";
import { splitTokens } from "./split-tokens.ts";

/** A document as git.commit.v1 carries it. */
export type ReadDocument = NonNullable<DataOf<"git.commit.v1">["documents"]>[number];

/** What is read of a document. In JSON no more than twice as much: see {@link textOf}. */
export const DOCUMENT_BYTES = 64 * 1024;

const NEWLINE = 10;
/** Longer names are none of those that are looked for. */
const ENTRY_BYTES = 512;

/**
 * The changelog at the root of a commit; nothing where there is none. Of several the one by the most telling name, and of those
 * the one in Markdown. Two git processes, whatever the size of the tree or the file.
 *
 * @throws GitError
 */
export async function readDocuments(repository: Repository, commit: string): Promise<ReadDocument[]> {
  await repository.bring?.changes([commit]);
  const [found] = (await changelogsAt(repository, commit)).toSorted(byName);
  if (found === undefined) return [];
  const { path, blob_hash } = found;
  if (!found.plain) return [{ path, blob_hash, truncated: false }];
  await repository.bring?.blobs([blob_hash]);
  const bytes = await firstBytes(repository, blob_hash);
  const truncated = bytes.length > DOCUMENT_BYTES;
  const text = textOf(truncated ? untilLineEnd(bytes.subarray(0, DOCUMENT_BYTES)) : bytes);
  return [{ path, blob_hash, ...(text !== undefined && { text }), truncated }];
}

interface Entry {
  readonly path: string;
  readonly blob_hash: string;
  /** A file, and no symbolic link. */
  readonly plain: boolean;
}

async function changelogsAt(repository: Repository, commit: string): Promise<Entry[]> {
  const output = streamGit(repository, ["ls-tree", "-z", "--full-tree", requireObjectHash(commit)]);
  const found: Entry[] = [];
  for await (const token of splitTokens(output, 0, ENTRY_BYTES)) {
    const [, mode, blob_hash, path] = /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(token.toString("latin1")) ?? [];
    if (path === undefined || blob_hash === undefined || !CHANGELOG_PATH.test(path)) continue;
    found.push({ path, blob_hash, plain: mode?.startsWith("100") ?? false });
  }
  return found;
}

const NAMES = ["change", "history", "news", "release"] as const;

function byName(a: Entry, b: Entry): number {
  const rank = ({ path }: Entry): number => {
    const name = NAMES.findIndex((start) => path.toLowerCase().startsWith(start));
    return 2 * name + (/\.(?:md|markdown)$/i.test(path) ? 0 : 1);
  };
  return rank(a) - rank(b) || (a.path < b.path ? -1 : 1);
}

/** One byte more than is wanted, where there is one: so it is known whether the file goes on. */
async function firstBytes(repository: Repository, blob: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let have = 0;
  for await (const chunk of streamGit(repository, ["cat-file", "blob", blob])) {
    chunks.push(chunk);
    have += chunk.length;
    if (have > DOCUMENT_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, DOCUMENT_BYTES + 1);
}

function untilLineEnd(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
}

/**
 * UTF-8 with its byte order mark. Undefined for what is none, and for text with control characters that no page has: in JSON each
 * would take six bytes, and a document more than its share of an event.
 */
function textOf(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    return /[\0-\x07\x0B\x0E-\x1F]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
