import { hash } from "node:crypto";
import type { Payloads } from "@contextpilot/messaging";
import type { FirestoreConnection, StoredFields } from "./firestore-connection.ts";
import { inAttempts } from "./in-attempts.ts";
import { meaningOf } from "./status.ts";

/** Firestore: a document has at most 1 MiB, its name and fields included. */
const CHUNK_BYTES = 900 * 1_024;

/**
 * Payloads in Firestore, shared by all services: in chunks, a document each, named by the hash of the whole. The first chunk is
 * written last and says how long the payload is: with it the payload is there.
 */
export class FirestorePayloads implements Payloads {
  readonly #connection: FirestoreConnection;

  /** The connection stays its opener's to close. */
  constructor(connection: FirestoreConnection) {
    this.#connection = connection;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    const further = Array.from({ length: chunksOf(bytes.byteLength) - 1 }, (_, index) => index + 1);
    await Promise.all(further.map((index) => this.#write(name, index, bytes)));
    await this.#write(name, 0, bytes);
    return name;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const first = await this.#read(name, [0]);
    const [head] = first;
    if (head === undefined) return undefined;
    const size = Number(head.fields?.["size"]?.integerValue);
    const rest = Array.from({ length: chunksOf(size) - 1 }, (_, index) => index + 1);
    const chunks = [head, ...(rest.length === 0 ? [] : await this.#read(name, rest))];
    const bytes = Buffer.concat(chunks.map(bytesIn));
    return bytes.byteLength === size ? bytes : undefined;
  }

  async #write(name: string, index: number, bytes: Uint8Array): Promise<void> {
    const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const fields = { bytes: { bytesValue: chunk }, size: { integerValue: bytes.byteLength } };
    const update = { name: this.#nameOf(name, index), fields };
    await this.#ask("keep a payload", name, async (deadline) => {
      try {
        await this.#connection.commit([{ update, currentDocument: { exists: false } }], deadline);
      } catch (answer) {
        // There already: what bears the same hash has the same bytes, whoever wrote it.
        if (meaningOf(answer)?.name !== "ALREADY_EXISTS") throw answer;
      }
    });
  }

  async #read(name: string, indexes: readonly number[]): Promise<readonly (StoredFields | undefined)[]> {
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

const chunksOf = (size: number): number => Math.max(1, Math.ceil(size / CHUNK_BYTES));

function bytesIn(document: StoredFields | undefined): Uint8Array {
  const bytes = document?.fields?.["bytes"]?.bytesValue;
  return bytes instanceof Uint8Array ? bytes : new Uint8Array();
}
