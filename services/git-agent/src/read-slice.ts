import type { CommitFacts } from "./commit-facts.ts";
import { findCopies } from "./find-copies.ts";
import { listCommits, type CommitSlice, type PushedRef } from "./list-commits.ts";
import { readCommits } from "./read-commits.ts";
import { readDefaultBranch } from "./read-default-branch.ts";
import { readDocuments, type ReadDocument } from "./read-documents.ts";
import type { Repository } from "./run-git.ts";

/** Commits of one slice, at most; read in two halves, because large ones fill it sooner. */
const COMMITS = 50;
const HALF = 25;

/** What is asked of a push. */
export interface SliceOrder {
  /** Commits said before. */
  readonly offset: number;
  readonly room: SliceRoom;
  /** Whether the push's last commit brings the changelog along, where it is on the default branch. */
  readonly documents: boolean;
}

/** How much one slice may be. */
export interface SliceRoom {
  /** Bytes of JSON that all its commits may take. */
  readonly bytes: number;
  /** Bytes that go with each commit: its envelope, and what the push says of it. */
  readonly perCommit: number;
}

export interface ReadCommit {
  readonly facts: CommitFacts;
  /** No branch had brought it, nor, before it was rewritten, what it is a copy of. */
  readonly newToRepository: boolean;
  /** Of the push's last commit, where it is on the default branch and documents are asked for. */
  readonly documents?: readonly ReadDocument[];
}

/** The next commits of a push, oldest first. */
export interface ReadSlice {
  readonly commits: readonly ReadCommit[];
  readonly forced: boolean;
  /** The push was to the branch that the repository's HEAD names. */
  readonly defaultBranch: boolean;
  /** Where the next slice begins; absent after the last. */
  readonly nextOffset?: number;
}

/** Reads as many commits of a push from `offset` on as there is room for, one at least and 50 at most. Throws a GitError. */
export async function readSlice(
  repository: Repository,
  push: PushedRef,
  { offset, room, documents: wanted }: SliceOrder,
  authorKey: string,
): Promise<ReadSlice> {
  const [listed, defaultRef] = await Promise.all([
    listCommits(repository, push, { offset, limit: COMMITS }),
    readDefaultBranch(repository),
  ]);
  const { commits, forced, total } = listed;
  const copies = await copiesIn(repository, push, listed);
  const defaultBranch = push.ref === defaultRef;
  const last = wanted && defaultBranch && offset + commits.length === total ? commits.at(-1)?.hash : undefined;
  const read: ReadCommit[] = [];
  let bytes = 0;
  for (let start = 0; start < commits.length && bytes < room.bytes; start += HALF) {
    const half = commits.slice(start, start + HALF);
    const facts = await readCommits(
      repository,
      half.map(({ hash }) => hash),
      authorKey,
    );
    for (const [index, { hash, newToRepository }] of half.entries()) {
      const commit = facts[index];
      if (commit === undefined) continue;
      const brought = hash === last ? { documents: await readDocuments(repository, hash) } : {};
      bytes += jsonBytes({ ...commit, ...brought }) + room.perCommit;
      if (bytes > room.bytes && read.length > 0) break;
      read.push({ facts: commit, newToRepository: newToRepository && !copies.has(hash), ...brought });
    }
  }
  const nextOffset = offset + read.length;
  return { commits: read, forced, defaultBranch, ...(read.length > 0 && nextOffset < total ? { nextOffset } : {}) };
}

async function copiesIn(
  repository: Repository,
  push: PushedRef,
  { rewrote, commits }: CommitSlice,
): Promise<ReadonlySet<string>> {
  const fresh = commits.filter(({ newToRepository }) => newToRepository).map(({ hash }) => hash);
  return rewrote === true && fresh.length > 0 ? findCopies(repository, push, fresh) : new Set();
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
