import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GitRepository } from "@contextpilot/testing";
import type { Push } from "./run-house.ts";

const FILES = 10;
const LINES = 30;
/** Pushes to one repository: coach-agent lets 30 nudges of each in an hour. */
const PUSHES_EACH = 25;

export interface PushedRepositories {
  /** For the house: names and folders. */
  readonly repositories: Readonly<Record<string, string>>;
  /** In order; each brings one commit of 10 new files without a test, by an author of its own: nobody is spared a nudge. */
  readonly pushes: readonly Push[];
  /** Lets the branch go where a push says, as it does before a hook tells of it: what stood there already, the clock would catch up with. */
  readonly move: (push: Push) => Promise<void>;
}

/** Real repositories in a folder, whose objects stand in one, with as many commits to push. */
export async function pushedRepositories(folder: string, pushes: number): Promise<PushedRepositories> {
  const all = await GitRepository.create(join(folder, "all.git"));
  const hashes = await all.commitAll(Array.from({ length: pushes + 1 }, (_, commit) => planOf(commit)));
  const byName = new Map<string, GitRepository>();
  for (let first = 0; first < pushes; first += PUSHES_EACH) {
    const repository = await GitRepository.create(join(folder, `${nameOf(first)}.git`));
    await mkdir(join(repository.path, "objects/info"), { recursive: true });
    await writeFile(join(repository.path, "objects/info/alternates"), `${join(all.path, "objects")}\n`);
    byName.set(nameOf(first), repository);
  }
  return {
    repositories: Object.fromEntries(Array.from(byName, ([name, { path }]) => [name, path])),
    pushes: hashes.slice(1).map((after, index) => ({ repository: nameOf(index), before: hashes[index] ?? "", after })),
    move: async ({ repository, after }) =>
      void (await byName.get(repository)?.git("update-ref", "refs/heads/main", after)),
  };
}

const nameOf = (push: number): string => `shop-${Math.floor(push / PUSHES_EACH)}`;

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
