import type { CommitPlan, FileChange, FileMode } from "@contextpilot/testing";

/** Numbers between 0 and 1 that follow from the seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface File {
  readonly content: Buffer;
  readonly mode: FileMode | "160000";
}

/** Paths as latin1, so that each is one string whatever its bytes. */
type Files = Map<string, File>;

interface Branch {
  position: number;
  files: Files;
}

const BRANCHES = ["main", "feature", "release", "experiment"] as const;
const ODD_NAMES = [
  "caf\xe9 ",
  "\xff\xfe",
  "zürich/straße ",
  "with space ",
  'quo"te ',
  '"begins',
  "new\nline ",
  "tab\there ",
  "-dash ",
  "--option ",
  "back\\slash ",
  ":colon ",
  "commit ",
  "1\t2\tthree ",
];

/**
 * A history with every kind of change that git knows: adds, edits, deletes, renames with and without edits, copies,
 * binary files, modes, symlinks, submodules, type changes, CRLF, no final newline, empty files, odd and non-UTF-8 names,
 * empty commits, merges of two to four branches, new roots.
 */
export function generatedHistory(count: number, random: () => number): CommitPlan[] {
  return new HistoryGenerator(random).generate(count);
}

class HistoryGenerator {
  readonly #random: () => number;
  readonly #branches = new Map<string, Branch>();
  #names = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  generate(count: number): CommitPlan[] {
    return Array.from({ length: count }, (_, position) => this.#commit(position));
  }

  #commit(position: number): CommitPlan {
    const name = this.#pick(BRANCHES);
    const branch = this.#branches.get(name) ?? this.#startOf();
    const others = this.#chance(0.12) ? [...this.#branches].filter(([other]) => other !== name) : [];
    const merged = others.slice(0, this.#upTo(3)).map(([, other]) => other.position);
    const root = !branch || this.#chance(0.01);

    const files: Files = new Map(root ? [] : branch.files);
    const changes = this.#chance(0.05) ? [] : Array.from({ length: this.#upTo(6) }, () => this.#change(files)).flat();
    const parents = root ? [] : [...new Set([branch.position, ...merged])];
    this.#branches.set(name, { position, files });
    return { branch: name, parents, changes, message: this.#message(position) };
  }

  /** A new branch begins at another one's tip. */
  #startOf(): Branch | undefined {
    const known = [...this.#branches.values()];
    return known.length > 0 ? this.#pick(known) : undefined;
  }

  #message(position: number): string | Buffer {
    if (position % 50 === 7) return Buffer.from(`caf\xe9 ${position}\n\nin latin1\n`, "latin1");
    if (position % 50 === 8) return "";
    return `feat: step ${position}\n\ncommit ${position}\n:100644 looks like a change\n1\t2\tso does this`;
  }

  #change(files: Files): FileChange[] {
    const existing = [...files.keys()];
    const plain = existing.filter((path) => files.get(path)?.mode !== "160000");
    const kind = existing.length < 5 ? 0 : this.#random();
    if (kind < 0.25 || plain.length === 0) return this.#write(files, this.#newName(), { ...this.#newFile() });
    const path = this.#pick(plain);
    const file = files.get(path) ?? this.#newFile();
    if (kind < 0.55) return this.#write(files, path, { ...file, content: this.#edited(file.content) });
    if (kind < 0.65) return this.#delete(files, this.#pick(existing));
    if (kind < 0.78) {
      const content = this.#chance(0.5) ? file.content : this.#edited(file.content);
      return [...this.#delete(files, path), ...this.#write(files, this.#newName(), { ...file, content })];
    }
    if (kind < 0.82) return this.#write(files, this.#newName(), file);
    if (kind < 0.88) return this.#write(files, path, { ...file, mode: file.mode === "100644" ? "100755" : "100644" });
    if (kind < 0.92) return this.#write(files, path, { content: Buffer.from("../some/where"), mode: "120000" });
    if (kind < 0.96) return this.#write(files, this.#pick(existing), this.#newFile());
    return this.#write(files, this.#chance(0.5) ? path : this.#newName(), {
      content: Buffer.from(String(this.#upTo(9)).repeat(40)),
      mode: "160000",
    });
  }

  #write(files: Files, path: string, file: File): FileChange[] {
    files.set(path, file);
    const bytes = Buffer.from(path, "latin1");
    if (file.mode === "160000") return [{ path: bytes, submodule: file.content.toString() }];
    return [{ path: bytes, content: file.content, mode: file.mode }];
  }

  #delete(files: Files, path: string): FileChange[] {
    files.delete(path);
    return [{ path: Buffer.from(path, "latin1"), deleted: true }];
  }

  #newName(): string {
    const odd = this.#chance(0.3) ? Buffer.from(this.#pick(ODD_NAMES), "latin1").toString("latin1") : "";
    return `${odd}${this.#pick(["src/", "docs/", "a/b/c/", ""])}file-${this.#names++}.${this.#pick(["ts", "c", "py", "bin"])}`;
  }

  #newFile(): File {
    const kind = this.#random();
    if (kind < 0.08) return { content: Buffer.alloc(0), mode: "100644" };
    if (kind < 0.2) return { content: this.#binary(), mode: "100644" };
    const newline = kind < 0.3 ? "\r\n" : "\n";
    const lines = Array.from({ length: this.#upTo(60) }, () => this.#line());
    return { content: Buffer.from(lines.join(newline) + (this.#chance(0.8) ? newline : "")), mode: "100644" };
  }

  #edited(content: Buffer): Buffer {
    if (content.includes(0)) return this.#chance(0.2) ? Buffer.from("text now\n") : this.#binary();
    const lines = content.toString("latin1").split("\n");
    for (let edits = this.#upTo(5); edits > 0; edits--) {
      const at = Math.floor(this.#random() * lines.length);
      lines.splice(at, this.#chance(0.6) ? 1 : 0, ...(this.#chance(0.7) ? [this.#line()] : []));
    }
    return Buffer.from(lines.join("\n"), "latin1");
  }

  #line(): string {
    const indent = this.#pick(["", "  ", "    ", "\t", "\t\t"]);
    return (
      indent + this.#pick(["", "}", "return x;", "@@ -1 +1 @@", "diff --git a/x b/x", `call(${this.#upTo(1e6)});`])
    );
  }

  #binary(): Buffer {
    return Buffer.from(Array.from({ length: 50 + this.#upTo(200) }, (_, at) => (at === 3 ? 0 : this.#upTo(256) - 1)));
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** From 1 to the highest. */
  #upTo(highest: number): number {
    return 1 + Math.floor(this.#random() * highest);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}
