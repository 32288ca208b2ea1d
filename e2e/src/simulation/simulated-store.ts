import {
  AlreadyHandled,
  Conflict,
  encodeUnit,
  type CommitUnit,
  type Store,
  type StoredDocument,
} from "@contextpilot/messaging";
import { simulatedTime } from "./simulated-time.ts";

interface Entry {
  readonly json: string;
  readonly version: string;
  readonly expiresAt: number;
  readonly dueAt: number;
}

/** A store may forget what has expired, at any time after; with this one, whose clock is everybody's, it is a minute. */
const FORGOTTEN_AFTER_MS = 60_000;

/** The disk under all services: it outlives every process, and forgets what has expired as soon as it may. */
export class SimulatedStore implements Store {
  readonly #entries = new Map<string, Entry>();
  #writes = 0;
  readonly #onCommit: (unit: CommitUnit) => void;

  /** `onCommit` hears of each unit that is written. */
  constructor(onCommit: (unit: CommitUnit) => void) {
    this.#onCommit = onCommit;
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  async read(keys: readonly string[]): Promise<readonly StoredDocument[]> {
    return keys.map((key) => this.get(key));
  }

  get(key: string): StoredDocument {
    const entry = this.#entry(key);
    if (entry === undefined) return { key, value: undefined, version: undefined };
    return { key, value: JSON.parse(entry.json) as unknown, version: entry.version };
  }

  async commit(unit: CommitUnit): Promise<void> {
    const { create, documents } = encodeUnit(unit);
    if (create !== undefined && this.#entry(create.key) !== undefined) throw new AlreadyHandled(create.key);
    const changed = documents.find(({ key, expected }) => this.#entry(key)?.version !== expected);
    if (changed !== undefined) throw new Conflict(changed.key);
    for (const document of [...(create === undefined ? [] : [{ ...create, kind: "set" as const }]), ...documents]) {
      if (document.kind === "delete") this.#entries.delete(document.key);
      if (document.kind !== "set") continue;
      const { key, json, expiresAt = Infinity, dueAt = Infinity } = document;
      this.#writes += 1;
      this.#entries.set(key, { json, version: String(this.#writes), expiresAt, dueAt });
    }
    this.#onCommit(unit);
  }

  async due(now: Date, limit: number): Promise<readonly StoredDocument[]> {
    const due = [...this.#entries].filter(([, { dueAt }]) => dueAt <= now.getTime());
    return this.read(
      due
        .toSorted(([, a], [, b]) => a.dueAt - b.dueAt)
        .slice(0, limit)
        .map(([key]) => key),
    );
  }

  #entry(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt + FORGOTTEN_AFTER_MS > simulatedTime.now().getTime()) return entry;
    this.#entries.delete(key);
    return undefined;
  }
}
