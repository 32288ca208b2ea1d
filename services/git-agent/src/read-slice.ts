import type { CommitFacts } from "./commit-facts.ts";
import { listCommits, type PushedRef } from "./list-commits.ts";
import { readCommits } from "./read-commits.ts";
import type { Repository } from "./run-git.ts";

/** Commits of one slice, at most; read in two halves, because large ones fill it sooner. */
const COMMITS = 50;
const HALF = 25;

/** How much one slice may be. */
export interface SliceRoom {
  /** Bytes of JSON that all its commits may take. */
  readonly bytes: number;
  /** Bytes that go with each commit: its envelope, and what the push says of it. */
  readonly perCommit: number;
}

export interface ReadCommit {
  readonly facts: CommitFacts;
  readonly newToRepository: boolean;
}

/** The next commits of a push, oldest first. */
export interface ReadSlice {
  readonly commits: readonly ReadCommit[];
  readonly forced: boolean;
  /** Where the next slice begins; absent after the last. */
  readonly nextOffset?: number;
}

/** Reads as many commits of a push from `offset` on as there is room for, one at least and 50 at most. Throws a GitError. */
export async function readSlice(
  repository: Repository,
  push: PushedRef,
  { offset, room }: { readonly offset: number; readonly room: SliceRoom },
  authorKey: string,
): Promise<ReadSlice> {
  const { commits, forced, total } = await listCommits(repository, push, { offset, limit: COMMITS });
  const read: ReadCommit[] = [];
  let bytes = 0;
  for (let start = 0; start < commits.length && bytes < room.bytes; start += HALF) {
    const half = commits.slice(start, start + HALF);
    const facts = await readCommits(
      repository,
      half.map(({ hash }) => hash),
      authorKey,
    );
    for (const [index, { newToRepository }] of half.entries()) {
      const commit = facts[index];
      if (commit === undefined) continue;
      bytes += Buffer.byteLength(JSON.stringify(commit)) + room.perCommit;
      if (bytes > room.bytes && read.length > 0) break;
      read.push({ facts: commit, newToRepository });
    }
  }
  const nextOffset = offset + read.length;
  return { commits: read, forced, ...(read.length > 0 && nextOffset < total ? { nextOffset } : {}) };
}
