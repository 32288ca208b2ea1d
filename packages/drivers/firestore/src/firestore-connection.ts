import { isNativeError } from "node:util/types";
import { MessageError } from "@contextpilot/messaging";
import type { protos } from "@google-cloud/firestore-api";
import type { grpc } from "google-gax";
import { inAttempts } from "./in-attempts.ts";

export type Write = protos.google.firestore.v1.IWrite;
export type StoredFields = protos.google.firestore.v1.IDocument;
type Query = protos.google.firestore.v1.IStructuredQuery;

export interface FirestoreOptions {
  readonly projectId: string;
  /** Default: `(default)`. */
  readonly database?: string | undefined;
  /** `host:port` of an emulator. Default: Google's own Firestore, by the credentials that the process finds (ADC). */
  readonly emulatorHost?: string | undefined;
  /** How long a read or a commit may take in all, its further attempts included. Default: 10 s, the shortest ack deadline. */
  readonly answerWithinMs?: number | undefined;
}

/** The calls that we make: each is one RPC, without a second attempt of the library's own. */
interface Calls {
  commit(
    request: protos.google.firestore.v1.ICommitRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    done: (failure: grpc.ServiceError | null) => void,
  ): void;
  batchGetDocuments(
    request: protos.google.firestore.v1.IBatchGetDocumentsRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): AsyncIterable<protos.google.firestore.v1.IBatchGetDocumentsResponse>;
  runQuery(
    request: protos.google.firestore.v1.IRunQueryRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): AsyncIterable<protos.google.firestore.v1.IRunQueryResponse>;
}

interface Opened {
  readonly calls: Calls;
  readonly metadata: (routing: string) => grpc.Metadata;
  readonly close: () => Promise<void>;
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
  #opening: Promise<Opened> | undefined;
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

  /** Ends the connection; what is under way fails. Nothing can be asked afterwards. Safe to call again. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }

  async #open(): Promise<Opened> {
    if (this.#closed) throw new Error(`the connection to ${this.#database} was closed`);
    try {
      return await (this.#opening ??= open(this.#database, this.#options));
    } catch (cause) {
      this.#opening = undefined; // The next one tries again: credentials may be there by then.
      const why = isNativeError(cause) ? cause.message : String(cause);
      throw MessageError.retryable("store-failed", `Firestore's client could not be made: ${why}`, {}, { cause });
    }
  }
}

/**
 * The generated client and not the one for people: a third less processor time a commit. Of it only the stub, because the client's
 * own calls repeat themselves, and nobody would know whether an earlier attempt had landed (docs/decisions/0025).
 */
async function open(database: string, { projectId, emulatorHost }: FirestoreOptions): Promise<Opened> {
  const [{ FirestoreClient }, { grpc }] = await Promise.all([
    import("@google-cloud/firestore-api/client_v1"),
    import("google-gax"),
  ]);
  const [host, port] = emulatorHost?.split(":") ?? [];
  const client = new FirestoreClient({
    projectId,
    ...(host !== undefined && {
      servicePath: host,
      port: Number(port),
      sslCreds: grpc.credentials.createInsecure(),
      // Else the library asks the machine's metadata server for it, and waits where there is none.
      clientOptions: { universeDomain: "googleapis.com" },
    }),
  });
  const calls = (await client.initialize()) as unknown as Calls;
  return {
    calls,
    metadata: (routing) => {
      const metadata = new grpc.Metadata();
      metadata.set("google-cloud-resource-prefix", database);
      metadata.set("x-goog-request-params", routing);
      if (host !== undefined) metadata.set("authorization", "Bearer owner"); // An emulator: past its security rules.
      return metadata;
    },
    close: () => client.close(),
  };
}
