import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import * as z from "zod";

const repository = z.object({
  /** The folder that was named. */
  path: z.string(),
  /** Where git keeps the repository: what the git-agent reads, also when a work tree is gone. */
  git_folder: z.string(),
  hook: z.string(),
  /** SHA-256 of the hook as it was installed. */
  hook_sha256: z.string(),
  /** Of a clone: the remote whose branches it follows. */
  remote: z.string().optional(),
  /** Where its branches stood then: what they reach is not new. */
  tips: z.array(z.string()),
});

/** By name. zod's own record leaves a key named `__proto__` out, and a repository may be called that. */
const schema = z
  .custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value))
  .transform((value) => Object.entries(value))
  .pipe(z.array(z.tuple([z.string(), repository])))
  .transform((entries) => Object.fromEntries(entries));

export type WatchedRepository = z.output<typeof repository>;
export type Watched = Readonly<Record<string, WatchedRepository>>;

/** The watched repositories of a house by name: a file of its data folder, which the command line writes and a running house reads. */
export class WatchedRepositories {
  readonly file: string;
  #known: Watched = {};
  #version = "";

  constructor(dataFolder: string) {
    this.file = join(dataFolder, "repositories.json");
  }

  /** What the file says now; it is read again where it has changed. Throws a StartError with the remedy. */
  all(): Watched {
    const version = this.#currentVersion();
    if (version !== this.#version) {
      this.#known = version === "" ? {} : this.#read();
      this.#version = version;
    }
    return this.#known;
  }

  get(name: string): WatchedRepository | undefined {
    const all = this.all();
    return Object.hasOwn(all, name) ? all[name] : undefined;
  }

  /** Throws a StartError where the file cannot be written: then it is as it was. */
  replace(watched: Watched): void {
    try {
      writeFileSync(`${this.file}.new`, `${JSON.stringify(watched, null, 2)}\n`, { mode: 0o600, flush: true });
      renameSync(`${this.file}.new`, this.file);
    } catch (cause) {
      throw new StartError(`${this.file} cannot be written: ${(cause as Error).message}`, { cause });
    }
  }

  /** Each replacement is another file. */
  #currentVersion(): string {
    const stat = statSync(this.file, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? "" : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
  }

  #read(): Watched {
    try {
      return schema.parse(JSON.parse(readFileSync(this.file, "utf8")));
    } catch (cause) {
      const remedy = "bring back a copy, or remove it and watch the repositories again";
      throw new StartError(`${this.file} cannot be read as the watched repositories: ${remedy}`, { cause });
    }
  }
}
