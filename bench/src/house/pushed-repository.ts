import { GitRepository } from "@contextpilot/testing";
import type { Push } from "./run-house.ts";

const FILES = 10;
const LINES = 30;
/** Pushes under one name: coach-agent lets 30 nudges of a repository in an hour. */
const PUSHES_A_NAME = 25;

export interface PushedRepository {
  /** For the house: the names that the pushes give, and the folder, which is one. */
  readonly repositories: Readonly<Record<string, string>>;
  /** In order; each brings one commit of 10 new files without a test, by an author of its own: nobody is spared a nudge. */
  readonly pushes: readonly Push[];
}

/** A real repository with as many commits to push. */
export async function pushedRepository(path: string, pushes: number): Promise<PushedRepository> {
  const repository = await GitRepository.create(path);
  const hashes = await repository.commitAll(Array.from({ length: pushes + 1 }, (_, commit) => planOf(commit)));
  return {
    repositories: Object.fromEntries(hashes.map((_, index) => [nameOf(index), repository.path])),
    pushes: hashes.slice(1).map((after, index) => ({ repository: nameOf(index), before: hashes[index] ?? "", after })),
  };
}

const nameOf = (push: number): string => `shop-${Math.floor(push / PUSHES_A_NAME)}`;

const planOf = (commit: number) => ({
  message: `feat: part ${commit}`,
  author: { name: `Author ${commit}`, email: `author-${commit}@example.org` },
  changes: Array.from({ length: FILES }, (_, file) => ({
    path: `src/part-${commit}/file-${file}.ts`,
    content: Array.from({ length: LINES }, (__, line) => `export const value${line} = ${commit + file + line};\n`).join(
      "",
    ),
  })),
});
