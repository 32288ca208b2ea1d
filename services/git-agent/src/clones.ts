import { mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { GitError } from "./git-error.ts";
import { orAborted } from "./or-aborted.ts";
import { readGit } from "./run-git.ts";

/** The room that is kept free by giving up clones that nobody reads: a quarter of the volume, and no more than this. */
const RESERVE_BYTES = 512 * 1024 * 1024;
/** Each fetch leaves a pack, and git looks through all of them: a clone of more is made anew. */
const MOST_FETCHES = 100;

/** A bare clone of a repository that is elsewhere, as much of it as has been fetched. */
export class Clone {
  readonly path: string;
  /** Commits that the remote was asked for in vain. */
  readonly gone = new Set<string>();
  /** Commits whose trees and files, as far as they differ from their first parents', are here. */
  readonly changes = new Set<string>();
  users = 0;
  /** Those that have ended. */
  fetches = 0;
  /** Git was stopped while it wrote, and may have left its locks: it is lent to nobody any more. */
  isSpoiled = false;
  readonly created: Promise<unknown>;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(parent: string, name: string) {
    this.path = join(parent, name);
    // No templates: they hold hooks.
    const init = ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", name];
    this.created = readGit({ path: parent }, init).catch((error: unknown) => {
      this.isSpoiled = true;
      throw error;
    });
  }

  /** Runs what writes into the clone when all that came before has ended. Who gives up waiting throws the signal's reason. */
  async alone<T>(signal: AbortSignal, write: () => Promise<T>): Promise<T> {
    const before = this.#writing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#writing = before.then(() => promise);
    try {
      await orAborted(before, signal);
      return await write();
    } finally {
      resolve();
    }
  }
}

/**
 * The clones of one process, in a folder of its own that goes with the machine's memory. A clone is kept for the next job as long as there
 * is room; the one that was used longest ago goes first, and none goes under a job that reads it.
 */
export class Clones {
  /** Where the folder of clones is made. */
  readonly parent: string;
  readonly #wantsRoom: (folder: string) => Promise<boolean>;
  #folder: Promise<string> | undefined;
  #made = 0;
  /** By address; the one used last at the end. */
  readonly #clones = new Map<string, Clone>();

  /** @param options when idle clones are to go: by default while less than a quarter of the volume is free, and less than 512 MiB */
  constructor(parent: string, { wantsRoom = isNearlyFull }: { readonly wantsRoom?: typeof isNearlyFull } = {}) {
    this.parent = parent;
    this.#wantsRoom = wantsRoom;
  }

  /** Lends the clone of a repository, empty at first, for as long as `use` runs. Throws a GitError, or what `use` throws. */
  async lend<T>(url: string, use: (clone: Clone) => Promise<T>): Promise<T> {
    const folder = await this.#ownFolder();
    const clone = this.#clones.get(url) ?? new Clone(folder, `${++this.#made}.git`);
    this.#clones.delete(url);
    this.#clones.set(url, clone);
    clone.users++;
    try {
      await this.#makeRoom();
      await clone.created;
      return await use(clone);
    } finally {
      clone.users--;
      if (clone.isSpoiled || clone.fetches > MOST_FETCHES) await this.#giveUp(url, clone);
    }
  }

  /** Of this process alone: another one's clones are not known here, and nothing else that is in the parent is touched. */
  #ownFolder(): Promise<string> {
    this.#folder ??= mkdtemp(join(this.parent, "fetched-")).catch((cause: Error) => {
      this.#folder = undefined;
      throw new GitError("failed", `${this.parent} takes no folder: ${cause.message}; GIT_FOLDER must be writable`, {
        cause,
      });
    });
    return this.#folder;
  }

  async #makeRoom(): Promise<void> {
    for (const [url, clone] of this.#clones) {
      if (!(await this.#wantsRoom(this.parent))) return;
      if (clone.users === 0) await this.#giveUp(url, clone);
    }
  }

  /** Who lends it next gets a new one; the files go with the last who reads them. */
  async #giveUp(url: string, clone: Clone): Promise<void> {
    if (this.#clones.get(url) === clone) this.#clones.delete(url);
    if (clone.users === 0) await rm(clone.path, { recursive: true, force: true });
  }
}

async function isNearlyFull(folder: string): Promise<boolean> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return bavail * bsize < Math.min(RESERVE_BYTES, (blocks * bsize) / 4);
}
