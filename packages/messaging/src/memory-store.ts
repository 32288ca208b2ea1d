import { encodeUnit, type EncodedDocument } from "./encode-unit.ts";
import { systemClock, type Clock } from "./ports/clock.ts";
import { AlreadyHandled, Conflict, type CommitUnit, type Store, type StoredDocument } from "./ports/store.ts";

interface Entry {
  readonly json: string;
  readonly version: string;
  readonly expiresAt: number | undefined;
  readonly dueAt: number | undefined;
}

/**
 * The Store in memory: the reference of what a Store does, for tests and for houses that need not outlive their process. Values
 * are kept as JSON text, so that no caller shares an object with it and a value comes back as any other store would give it.
 */
export class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** The keys of the documents that have a dueAt. */
  readonly #timed = new Set<string>();
  #writes = 0;
  #forgetAtSize = FORGET_FROM_SIZE;

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  async read(keys: readonly string[]): Promise<readonly StoredDocument[]> {
    return keys.map((key) => {
      const entry = this.#entries.get(key);
      if (entry === undefined) return { key, value: undefined, version: undefined };
      return { key, value: JSON.parse(entry.json) as unknown, version: entry.version };
    });
  }

  async commit(unit: CommitUnit): Promise<void> {
    const { create, documents } = encodeUnit(unit);
    if (create !== undefined && this.#entries.has(create.key)) throw new AlreadyHandled(create.key);
    const changed = documents.find(({ key, expected }) => this.#entries.get(key)?.version !== expected);
    if (changed !== undefined) throw new Conflict(changed.key);

    if (create !== undefined) this.#write(create);
    for (const document of documents) {
      if (document.kind === "set") this.#write(document);
      else if (document.kind === "delete") this.#delete(document.key);
    }
    this.#forgetExpired();
  }

  async due(now: Date, limit: number): Promise<readonly StoredDocument[]> {
    const due = [...this.#timed].flatMap((key) => {
      const at = this.#entries.get(key)?.dueAt ?? Infinity;
      return at <= now.getTime() ? [{ key, at }] : [];
    });
    return this.read(
      due
        .toSorted((a, b) => a.at - b.at)
        .slice(0, limit)
        .map(({ key }) => key),
    );
  }

  #write({ key, json, expiresAt, dueAt }: EncodedDocument): void {
    this.#writes += 1;
    this.#entries.set(key, { json, version: String(this.#writes), expiresAt, dueAt });
    if (dueAt === undefined) this.#timed.delete(key);
    else this.#timed.add(key);
  }

  #delete(key: string): void {
    this.#entries.delete(key);
    this.#timed.delete(key);
  }

  /** Looks through the documents each time that they have doubled: a constant cost for each write, however many there are. */
  #forgetExpired(): void {
    if (this.#entries.size < this.#forgetAtSize) return;
    const now = this.#clock.now().getTime();
    for (const [key, { expiresAt }] of this.#entries) {
      if (expiresAt !== undefined && expiresAt <= now) this.#delete(key);
    }
    this.#forgetAtSize = Math.max(FORGET_FROM_SIZE, 2 * this.#entries.size);
  }
}

/** Fewer documents than this are not worth a look. */
const FORGET_FROM_SIZE = 1_024;
