import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a commit does to one path; paths and contents may be any bytes. */
export type FileChange =
  | { readonly path: string | Buffer; readonly content: string | Buffer; readonly mode?: FileMode }
  | { readonly path: string | Buffer; readonly submodule: string }
  | { readonly path: string | Buffer; readonly deleted: true }
  | { readonly path: string | Buffer; readonly renamedFrom: string | Buffer };

/** A plain file (the default), an executable, a symlink whose target is the content. */
export type FileMode = "100644" | "100755" | "120000";

export interface CommitPlan {
  /** Default `main`. */
  readonly branch?: string;
  /** Default `commit N`, N counted from 1 in this repository. */
  readonly message?: string | Buffer;
  readonly author?: { readonly name: string | Buffer; readonly email: string | Buffer };
  /** Default: a minute more than the one before, the first at the repository's beginning. */
  readonly at?: Date;
  /**
   * Hashes, or positions in the plans given to the same call. Default: the branch's tip, nothing for a new branch.
   * An empty list makes a root commit.
   */
  readonly parents?: readonly (string | number)[];
  /** Applied in order. A merge starts from its first parent's files. Default none: an empty commit. */
  readonly changes?: readonly FileChange[];
}

const BEGINNING = new Date("2026-01-01T00:00:00Z");
const AUTHOR = { name: "Ada Example", email: "ada@example.org" };

/**
 * A real git repository for tests and demos. The same calls give the same hashes on every machine: no configuration but
 * its own, dates and authors from the plans. Commits are written with `git fast-import`, thousands a second.
 */
export class GitRepository {
  readonly path: string;
  readonly #gitFolder: string;
  readonly #beginning: Date;
  #count = 0;

  private constructor(path: string, bare: boolean, beginning: Date) {
    this.path = path;
    this.#gitFolder = bare ? path : join(path, ".git");
    this.#beginning = beginning;
  }

  /** Makes an empty repository whose first branch is `main`: bare, unless said otherwise. Another beginning gives other hashes. */
  static async create(
    path: string,
    { bare = true, beginning = BEGINNING }: { readonly bare?: boolean; readonly beginning?: Date } = {},
  ): Promise<GitRepository> {
    await mkdir(path, { recursive: true });
    const repository = new GitRepository(path, bare, beginning);
    await repository.git("init", "--quiet", "--initial-branch=main", "--template=", ...(bare ? ["--bare"] : []));
    return repository;
  }

  /** Runs git in the repository and gives its standard output; what fails throws with git's own words. */
  async git(...args: readonly string[]): Promise<string> {
    return (await this.gitBytes(...args)).toString();
  }

  /** Like `git`, for output that is not text. */
  async gitBytes(...args: readonly string[]): Promise<Buffer> {
    const { stdout } = await run("git", args, this.#options());
    return stdout;
  }

  /** The commit a branch points to. */
  async tip(branch = "main"): Promise<string> {
    return (await this.git("rev-parse", "--verify", "--end-of-options", `refs/heads/${branch}`)).trim();
  }

  /** Makes one commit and gives its hash. */
  async commit(plan: CommitPlan = {}): Promise<string> {
    const [hash] = await this.commitAll([plan]);
    if (!hash) throw new Error(`git fast-import made no commit in ${this.path}`);
    return hash;
  }

  /**
   * Makes the commits, in order, in one git process, and gives their hashes. A branch ends at its last one, also where
   * that leaves old commits behind (a force push). A work tree is left as it is.
   */
  async commitAll(plans: readonly CommitPlan[]): Promise<string[]> {
    const tips = await this.#tips();
    const commands = plans.flatMap((plan, position) => this.#commitCommand(plan, position, tips));
    const marks = join(this.#gitFolder, "fast-import-marks");
    const options = ["--quiet", "--force", "--date-format=raw", `--export-marks=${marks}`];
    const importing = run("git", ["fast-import", ...options], this.#options());
    importing.child.stdin?.end(Buffer.concat(commands));
    await importing;
    const hashes: string[] = [];
    for (const line of (await readFile(marks, "latin1")).trim().split("\n")) {
      const [mark = "", hash = ""] = line.slice(1).split(" ");
      hashes[Number(mark) - 1] = hash;
    }
    return hashes;
  }

  async #tips(): Promise<Map<string, string>> {
    const refs = await this.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads");
    return new Map(
      refs
        .split("\n")
        .filter(Boolean)
        .map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
    );
  }

  /** Notes the commit as its branch's tip. */
  #commitCommand(plan: CommitPlan, position: number, tips: Map<string, string>): Buffer[] {
    const { branch = "main", author = AUTHOR } = plan;
    const number = ++this.#count;
    const at = Math.floor((plan.at?.getTime() ?? this.#beginning.getTime() + number * 60_000) / 1000);
    const tip = tips.get(branch);
    const [first, ...others] = plan.parents?.map(revision) ?? (tip === undefined ? [] : [tip]);
    tips.set(branch, revision(position));
    return [
      ...(first === undefined ? [`reset refs/heads/${branch}\n\n`] : []),
      `commit refs/heads/${branch}\nmark ${revision(position)}\n`,
      ...["author ", "committer "].flatMap((role) => [role, author.name, " <", author.email, `> ${at} +0000\n`]),
      ...data(plan.message ?? `commit ${number}`),
      ...(first === undefined ? [] : [`from ${first}\n`]),
      ...others.map((other) => `merge ${other}\n`),
      ...(plan.changes ?? []).flatMap(changeCommand),
      "\n",
    ].map((part) => Buffer.from(part));
  }

  #options() {
    const env = {
      PATH: process.env["PATH"],
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      LC_ALL: "C",
      GIT_AUTHOR_NAME: AUTHOR.name,
      GIT_AUTHOR_EMAIL: AUTHOR.email,
      GIT_COMMITTER_NAME: AUTHOR.name,
      GIT_COMMITTER_EMAIL: AUTHOR.email,
    };
    return { cwd: this.path, env, encoding: "buffer", maxBuffer: 256 * 1024 * 1024 } as const;
  }
}

/** A mark (`:1` is the first plan of the call) or a hash. */
function revision(parent: string | number): string {
  return typeof parent === "number" ? `:${parent + 1}` : parent;
}

function changeCommand(change: FileChange): (string | Buffer)[] {
  const path = quoted(change.path);
  if ("deleted" in change) return [`D ${path}\n`];
  if ("renamedFrom" in change) return [`R ${quoted(change.renamedFrom)} ${path}\n`];
  if ("submodule" in change) return [`M 160000 ${change.submodule} ${path}\n`];
  return [`M ${change.mode ?? "100644"} inline ${path}\n`, ...data(change.content)];
}

function data(content: string | Buffer): (string | Buffer)[] {
  return [`data ${Buffer.byteLength(content)}\n`, content, "\n"];
}

/** As fast-import reads any path: in double quotes, what is not a letter, digit or the like as an octal escape. */
function quoted(path: string | Buffer): string {
  const escaped = Array.from(Buffer.from(path), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w./-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${escaped.join("")}"`;
}
