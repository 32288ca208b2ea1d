import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { installHook } from "../watch/hook-file.ts";
import { runGit, type Author } from "./run-git.ts";
import { afterEdit } from "./source-text.ts";
import { AUTHORS, HISTORY, PUSHES } from "./story.ts";
import { writeHistory } from "./write-history.ts";

/** The name by which the demo's pushes call their repository. */
export const DEMO_REPOSITORY = "shop";

export interface DemoCommit {
  readonly author: Author;
  readonly subject: string;
  readonly commit: string;
}

/** A bare repository with a hook, as a team's server has it, and a clone to work in. */
export class DemoRepository {
  readonly bare: string;
  readonly clone: string;

  private constructor(folder: string) {
    this.bare = join(folder, `${DEMO_REPOSITORY}.git`);
    this.clone = join(folder, DEMO_REPOSITORY);
  }

  /** Where the bare repository of a demo in this folder is or will be. */
  static bareIn(folder: string): string {
    return new DemoRepository(folder).bare;
  }

  /** Opens the demo, and makes it where it is not whole. Throws a StartError with git's own words. */
  static async open(folder: string, now: Date): Promise<DemoRepository> {
    const demo = new DemoRepository(folder);
    if (!existsSync(demo.bare)) {
      const unfinished = `${demo.bare}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      await runGit(unfinished, ["init", "--quiet", "--bare", "--initial-branch=main", "--template="]);
      await writeHistory(unfinished, now);
      await rename(unfinished, demo.bare);
    }
    if (!existsSync(join(demo.clone, ".git"))) {
      await rm(demo.clone, { recursive: true, force: true });
      await runGit(folder, ["clone", "--quiet", demo.bare, demo.clone]);
    }
    return demo;
  }

  /** Lets every push to the demo tell the house of the data folder. */
  async installHook(dataFolder: string): Promise<void> {
    const hooks = join(this.bare, "hooks");
    // Somebody's own core.hooksPath would keep this hook from running.
    await runGit(this.bare, ["config", "core.hooksPath", hooks]);
    const hook = join(hooks, "post-receive");
    await rm(hook, { force: true }); // the demo's own, perhaps of an older house: none to keep
    installHook(hook, { dataFolder: resolve(dataFolder), repository: DEMO_REPOSITORY });
  }

  /** Commits in the clone what the story says next, as its author. Others may have pushed in between. */
  async commitNext(): Promise<DemoCommit> {
    await runGit(this.clone, ["fetch", "--quiet", "origin"]);
    await runGit(this.clone, ["checkout", "--quiet", "--force", "-B", "main", "origin/main"]);
    const count = Number(await runGit(this.clone, ["rev-list", "--count", "--grep=^Demo-push:", "HEAD"]));
    const chapter = PUSHES[count % PUSHES.length] ?? HISTORY[0];
    if (chapter === undefined) throw new TypeError("the demo's story has no pushes");
    const round = Math.floor(count / PUSHES.length);
    for (const edit of chapter.edits) {
      const path = join(this.clone, edit.path);
      await mkdir(dirname(path), { recursive: true });
      const renamed =
        "adds" in edit && round > 0 ? { ...edit, adds: edit.adds.map((name) => `${name}${round + 1}`) } : edit;
      await writeFile(path, afterEdit(await readFile(path, "utf8").catch(() => undefined), renamed));
    }
    const author = AUTHORS[chapter.who];
    await runGit(this.clone, ["add", "--all"]);
    await runGit(this.clone, ["config", "user.name", author.name]);
    await runGit(this.clone, ["config", "user.email", author.email]);
    const message = `${chapter.subject}\n\nDemo-push: ${count + 1}`;
    await runGit(this.clone, ["commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", message], { author });
    const commit = (await runGit(this.clone, ["rev-parse", "HEAD"])).trim();
    return { author, subject: chapter.subject, commit };
  }

  /** Pushes what the clone has committed; the hook tells the house. */
  async push(): Promise<void> {
    await runGit(this.clone, ["push", "--quiet", "origin", "main"]);
  }
}
