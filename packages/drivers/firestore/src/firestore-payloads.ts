import { hash } from "node:crypto";
import { KEPT_DAYS, systemClock, type Clock, type Payloads } from "@contextpilot/messaging";
import type { FirestoreConnection, StoredFields, Write } from "./firestore-connection.ts";
import { inAttempts } from "./in-attempts.ts";
import { timestampValue } from "./timestamp-value.ts";

/** Firestore: a document has at most 1 MiB, its name and fields included. */
const CHUNK_BYTES = 900 * 1_024;
const DAY_MS = 86_400_000;

/**
 * Payloads in Firestore, shared by all services: in chunks, a document each, named by the hash of the whole. The first chunk is
 * written last and says how long the payload is: with it the payload is there. One that was neither put nor got for 70 days, as
 * long as an inbox remembers the event that names it, goes by Firestore's TTL policy.
 */
export class FirestorePayloads implements Payloads {
  readonly #connection: FirestoreConnection;
  readonly #clock: Clock;

  /** The connection stays its opener's to close. */
  constructor(connection: FirestoreConnection, { clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#connection = connection;
    this.#clock = clock;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    const [first, ...further] = indexesOf(bytes.byteLength).map((index) => ({
      update: {
        name: this.#nameOf(name, index),
        fields: {
          bytes: { bytesValue: bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES) },
          size: { integerValue: bytes.byteLength },
          expire_at: this.#expiry(),
        },
      },
    }));
    // Each by itself: a commit takes 10 MiB at most. Whoever writes the same name writes the same bytes.
    await Promise.all(further.map((write) => this.#write(name, [write])));
    if (first !== undefined) await this.#write(name, [first]);
    return name;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const [first] = await this.#read(name, [0]);
    if (first === undefined) return undefined;
    const size = Number(first.fields?.["size"]?.integerValue);
    const chunks = [first, ...(await this.#read(name, indexesOf(size).slice(1)))];
    const bytes = Buffer.concat(chunks.map(bytesIn));
    if (bytes.byteLength !== size) return undefined;
    await this.#keepLonger(name, first, chunks.length);
    return bytes;
  }

  /** Once a day: a read shall not cost a write. It is no worse read where that cannot be written. */
  async #keepLonger(name: string, first: StoredFields, chunks: number): Promise<void> {
    const expiry = this.#expiry();
    const current = Number(first.fields?.["expire_at"]?.timestampValue?.seconds);
    if (current > expiry.timestampValue.seconds - DAY_MS / 1_000) return;
    const writes = Array.from({ length: chunks }, (_, index) => ({
      update: { name: this.#nameOf(name, index), fields: { expire_at: expiry } },
      updateMask: { fieldPaths: ["expire_at"] },
      currentDocument: { exists: true },
    }));
    await this.#write(name, writes).catch(() => undefined);
  }

  #expiry() {
    return timestampValue(this.#clock.now().getTime() + KEPT_DAYS * DAY_MS);
  }

  async #write(name: string, writes: Write[]): Promise<void> {
    await this.#ask("keep a payload", name, (deadline) => this.#connection.commit(writes, deadline));
  }

  async #read(name: string, indexes: readonly number[]): Promise<readonly (StoredFields | undefined)[]> {
    if (indexes.length === 0) return [];
    const names = indexes.map((index) => this.#nameOf(name, index));
    const found = await this.#ask("read a payload", name, (deadline) => this.#connection.read(names, deadline));
    return names.map((one) => found.get(one));
  }

  #nameOf(name: string, index: number): string {
    return `${this.#connection.root}/payloads/${name}${index === 0 ? "" : `.${index}`}`;
  }

  #ask<T>(to: string, payload: string, attempt: (deadline: number) => Promise<T>): Promise<T> {
    return inAttempts({ to, details: { payload }, withinMs: this.#connection.answerWithinMs }, attempt);
  }
}

/** Of the chunks of so many bytes; nothing is one chunk too. */
const indexesOf = (size: number): readonly number[] =>
  Array.from({ length: Math.max(1, Math.ceil(size / CHUNK_BYTES)) }, (_, index) => index);

function bytesIn(document: StoredFields | undefined): Uint8Array {
  const bytes = document?.fields?.["bytes"]?.bytesValue;
  return bytes instanceof Uint8Array ? bytes : new Uint8Array();
}
