import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createEvent, gitCommit, type Envelope } from "@contextpilot/events";
import { messageOf, type OutgoingMessage, type Publisher } from "@contextpilot/messaging";
import { GitRepository, type CommitPlan } from "@contextpilot/testing";
import { POISON } from "../checker/witnesses.ts";
import { sendPush, type Door } from "../pushes.ts";

export interface DevelopersOptions {
  /** Of the repositories. */
  readonly folder: string;
  readonly commits: number;
  readonly door: Door;
  /** Says what does not come by a push. */
  readonly publisher: Publisher;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Ten, of so many commits each. */
const REPOSITORIES = 10;
const COMMITS_OF_EACH = { least: 40, most: 500 };
/** Few, so that there are many pushes; in large runs more, for a push costs the git-agent as much as some ten commits. */
const COMMITS_A_PUSH = { least: 5, most: 25, share: 1 / 300 };
const SENDERS = 8;
const AGAIN_AFTER_MS = 200;
const REF = "refs/heads/main";
/** Half of the poison is commits that the tally refuses; as much again is messages that nobody can read, and some that come too late. */
const POISONED = 0.005;

/** So many repositories have a hook that breaks when half of their pushes are told: the others are the clock's to find. */
const BREAKING_HOOKS = 2;
/** The hooks of every fourth tell late, by up to so long, and in any order: ticks and later pushes come before them. */
const SLOW_HOOKS = { every: 4, ms: 20_000 };

interface Work {
  readonly repository: string;
  readonly git: GitRepository;
  readonly before: string;
  readonly after: string;
  readonly commits: number;
  /** So late a hook tells of it. Undefined: none does. */
  readonly toldAfterMs: number | undefined;
}

/**
 * Commits and pushes, at an even pace, each push repeated until its 202; some hooks tell late, or not at all; here and there something that nobody
 * can handle.
 */
export class Developers {
  readonly repositories: readonly string[];
  /** The ids of what nobody can read. */
  readonly broken = new Set<string>();
  /** Commits that were pushed, and that there are. */
  accepted = 0;
  written = 0;
  /** Pushes of which no hook told. */
  untold = 0;
  readonly #options: DevelopersOptions;
  readonly #work: Work[] = [];
  #until = Infinity;
  readonly #messages: OutgoingMessage[] = [];

  constructor(options: DevelopersOptions) {
    this.#options = options;
    const { least, most } = COMMITS_OF_EACH;
    const { commits } = options;
    const length = Math.max(Math.min(REPOSITORIES, Math.ceil(commits / least)), Math.ceil(commits / most));
    this.repositories = Array.from({ length }, (_, index) => `repository-${index}`);
  }

  /** Writes all commits, before the first is pushed. */
  async prepare(): Promise<void> {
    const { commits, random } = this.#options;
    const perRepository = Math.ceil(commits / this.repositories.length);
    const { least, most, share } = COMMITS_A_PUSH;
    const inAPush = Math.min(most, Math.max(least, Math.ceil(commits * share)));
    const work: Work[][] = [];
    for (const [place, name] of this.repositories.entries()) {
      const repository = await GitRepository.create(join(this.#options.folder, `${name}.git`));
      const plans = Array.from({ length: perRepository }, (_, nth) =>
        this.#planOf(nth * this.repositories.length + place),
      );
      const [first = "", ...hashes] = await repository.commitAll([{ message: "chore: begin" }, ...plans]);
      await repository.git("update-ref", REF, first);
      this.written += hashes.length;
      const pushes = Math.ceil(hashes.length / inAPush);
      const isSlow = place % SLOW_HOOKS.every === SLOW_HOOKS.every - 1;
      const told = place < BREAKING_HOOKS ? Math.ceil(pushes / 2) : pushes;
      work.push(
        Array.from({ length: pushes }, (_, nth) => {
          const commits = hashes.slice(nth * inAPush, (nth + 1) * inAPush);
          const before = hashes[nth * inAPush - 1] ?? first;
          const pushed = { before, after: commits.at(-1) ?? "", commits: commits.length };
          const toldAfterMs = isSlow ? random() * SLOW_HOOKS.ms : 0;
          return { repository: name, git: repository, ...pushed, toldAfterMs: nth < told ? toldAfterMs : undefined };
        }),
      );
    }
    for (let nth = 0; nth < Math.max(...work.map(({ length }) => length)); nth += 1) {
      this.#work.push(...work.flatMap((own) => own.slice(nth, nth + 1)));
    }
    for (let number = 0; number < commits; number += 1) {
      if (random() < POISONED) this.#messages.push(this.#broken(number));
      if (random() < POISONED) this.#messages.push(late(number));
    }
  }

  /** In so long, or as fast as the house takes it. Rejects where it takes longer than the patience is. */
  async push(withinMs: number, patienceMs: number): Promise<void> {
    const begin = performance.now();
    this.#until = begin + patienceMs;
    const pace = withinMs / this.#work.length;
    const all = this.#work.length;
    const late: Promise<void>[] = [];
    const send = async (): Promise<void> => {
      for (let work = this.#work.shift(); work !== undefined; work = this.#work.shift()) {
        const nth = all - this.#work.length;
        await delay(Math.max(0, begin + nth * pace - performance.now()), undefined, { signal: this.#options.signal });
        await work.git.git("update-ref", REF, work.after);
        const telling = this.#tell(work);
        if (work.toldAfterMs === 0) await telling;
        else late.push(telling);
        telling.catch(() => {}); // whoever is late is awaited at the end
        const messages = this.#messages.splice(0, Math.ceil(this.#messages.length / (this.#work.length + 1)));
        for (const message of messages) await this.#insist(() => this.#said(message));
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, send));
    await Promise.all(late);
  }

  /** The hook. */
  async #tell({ repository, before, after, commits, toldAfterMs }: Work): Promise<void> {
    const { door, signal } = this.#options;
    this.accepted += commits;
    if (toldAfterMs === undefined) return void (this.untold += 1);
    await delay(toldAfterMs, undefined, { signal });
    await this.#insist(async () => (await sendPush(door, { repository, ref: REF, before, after })) === 202);
  }

  async #said(message: OutgoingMessage): Promise<boolean> {
    return this.#options.publisher.publish([message]).then(
      () => true,
      () => false,
    );
  }

  async #insist(attempt: () => Promise<boolean>): Promise<void> {
    while (!(await attempt())) {
      if (performance.now() > this.#until) throw new Error(`the house takes no more, after ${this.accepted} commits`);
      await delay(AGAIN_AFTER_MS, undefined, { signal: this.#options.signal });
    }
  }

  /** Nothing that users notice, which would be a proposal each. */
  #planOf(number: number): CommitPlan {
    const word = this.#options.random() < POISONED ? `${POISON} ` : "";
    return {
      message: `refactor: ${word}change ${number}`,
      author: { name: `Author ${number % 30}`, email: `author-${number % 30}@example.org` },
      changes: [{ path: `src/part-${number % 7}.ts`, content: `export const part = ${number};\n`.repeat(20) }],
    };
  }

  #broken(number: number): OutgoingMessage {
    const event = commitOf(`broken-${number}`, {});
    this.broken.add(event.event_id);
    return messageOf({ ...event, data: { repository: this.repositories[0] } });
  }
}

const late = (number: number): OutgoingMessage => messageOf(commitOf(`late-${number}`, { ttl_seconds: 1 }));

function commitOf(commit_hash: string, more: { readonly ttl_seconds?: number }): Envelope {
  const read = gitCommit.read({
    repository: "elsewhere",
    branch: "main",
    commit_hash,
    author_id: "ada",
    message: "refactor: change 0",
    files_changed: [],
    changes: [],
    files_total: 0,
    lines_added: 0,
    lines_removed: 0,
    default_branch: true,
    documents: [],
  });
  if (!read.ok) throw new TypeError(`${read.path}: ${read.problem}`);
  return createEvent(gitCommit(read.value, { key: ["elsewhere", "main", commit_hash], ...more }), {
    source: "developer",
    timestamp: "2026-03-02T09:00:00.000Z",
  });
}
