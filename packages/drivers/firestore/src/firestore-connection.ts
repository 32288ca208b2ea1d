import { isNativeError } from "node:util/types";
import { MessageError } from "@contextpilot/messaging";
import type { protos } from "@google-cloud/firestore-api";
import { inAttempts } from "./in-attempts.ts";
import { openStub, type OpenedStub } from "./open-stub.ts";

export type Write = protos.google.firestore.v1.IWrite;
export type StoredFields = protos.google.firestore.v1.IDocument;
export type Query = protos.google.firestore.v1.IStructuredQuery;

export interface FirestoreOptions {
  readonly projectId: string;
  /** Default: `(default)`. */
  readonly database?: string | undefined;
  /** `host:port` of an emulator. Default: Google's own Firestore, by the credentials that the process finds (ADC). */
  readonly emulatorHost?: string | undefined;
  /** How long a read or a commit may take in all, its further attempts included. Default: 10 s, the shortest ack deadline. */
  readonly answerWithinMs?: number | undefined;
}

/**
 * A Firestore database, shared by the store and the payloads of a process. The library is loaded, and the connection made, on
 * first use or by {@link ready}.
 */
export class FirestoreConnection {
  /** Below it stand the documents: `projects/…/databases/…/documents`. */
  readonly root: string;
  readonly answerWithinMs: number;
  readonly #database: string;
  readonly #options: FirestoreOptions;
  #opening: Promise<OpenedStub> | undefined;
  #closed = false;

  constructor(options: FirestoreOptions) {
    this.#options = options;
    this.#database = `projects/${options.projectId}/databases/${options.database ?? "(default)"}`;
    this.root = `${this.#database}/documents`;
    this.answerWithinMs = options.answerWithinMs ?? 10_000;
  }

  /** Resolves when the database answers: one read of a document that nobody writes. Rejects as a read does. */
  async ready(): Promise<void> {
    const asked = { to: "answer", details: { database: this.#database }, withinMs: this.answerWithinMs };
    await inAttempts(asked, (deadline) => this.read([`${this.root}/ready/ready`], deadline));
  }

  /** One Commit: all of the writes, or an error of gRPC and none, or nobody knows. */
  async commit(writes: Write[], deadline: number): Promise<void> {
    const { calls, metadata } = await this.#open();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    calls.commit(
      { database: this.#database, writes },
      metadata(`database=${encodeURIComponent(this.#database)}`),
      { deadline },
      (failure) => (failure === null ? resolve() : reject(failure)),
    );
    return promise;
  }

  /** One BatchGetDocuments: the documents that are there, by name, all of one moment. `mask`: the fields wanted; default: all. */
  async read(names: string[], deadline: number, mask?: string[]): Promise<ReadonlyMap<string, StoredFields>> {
    const { calls, metadata } = await this.#open();
    const answers = calls.batchGetDocuments(
      { database: this.#database, documents: names, ...(mask && { mask: { fieldPaths: mask } }) },
      metadata(`database=${encodeURIComponent(this.#database)}`),
      { deadline },
    );
    const found = new Map<string, StoredFields>();
    for await (const { found: document } of answers) if (document?.name) found.set(document.name, document);
    return found;
  }

  /** One RunQuery over the collections directly below `parent`. */
  async query(parent: string, structuredQuery: Query, deadline: number): Promise<readonly StoredFields[]> {
    const { calls, metadata } = await this.#open();
    const answers = calls.runQuery({ parent, structuredQuery }, metadata(`parent=${encodeURIComponent(parent)}`), {
      deadline,
    });
    const found: StoredFields[] = [];
    for await (const { document } of answers) if (document) found.push(document);
    return found;
  }

  /** One RunAggregationQuery: how many documents a query finds. */
  async count(parent: string, structuredQuery: Query, deadline: number): Promise<number> {
    const { calls, metadata } = await this.#open();
    const structuredAggregationQuery = { structuredQuery, aggregations: [{ alias: "documents", count: {} }] };
    const answers = calls.runAggregationQuery(
      { parent, structuredAggregationQuery },
      metadata(`parent=${encodeURIComponent(parent)}`),
      { deadline },
    );
    let count = 0;
    for await (const { result } of answers)
      count = Number(result?.aggregateFields?.["documents"]?.integerValue ?? count);
    return count;
  }

  /** Ends the connection; what is under way fails. Nothing can be asked afterwards. Safe to call again. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }

  async #open(): Promise<OpenedStub> {
    if (this.#closed) throw new Error(`the connection to ${this.#database} was closed`);
    return (this.#opening ??= openStub(this.#database, this.#options).catch((cause: unknown) => {
      this.#opening = undefined; // The next one tries again: credentials may be there by then.
      const why = isNativeError(cause) ? cause.message : String(cause);
      throw MessageError.retryable("store-failed", `Firestore's client could not be made: ${why}`, {}, { cause });
    }));
  }
}
