import { randomUUID } from "node:crypto";
import {
  encodeUnit,
  type CommitUnit,
  type EncodedUnit,
  type Store,
  type StoredDocument,
} from "@contextpilot/messaging";
import { explainRefusal } from "./explain-refusal.ts";
import type { FirestoreConnection, Query } from "./firestore-connection.ts";
import { inAttempts } from "./in-attempts.ts";
import { meaningOf } from "./status.ts";
import { FIELDS, keyOf, stampOf, StoreDocuments, storedDocument } from "./store-documents.ts";
import { timestampValue } from "./timestamp-value.ts";

export interface FirestoreStoreOptions {
  /** Whose documents they are: services share a database, and never a document. */
  readonly service: string;
}

/**
 * The Store in Firestore: a read is one BatchGetDocuments, a commit one Commit. A read or commit whose answer promises something of
 * another attempt gets up to five; a commit that had been done by an attempt whose answer was lost is known by a random token.
 * What expired goes when Firestore's TTL policy gets to it, up to a day late.
 */
export class FirestoreStore implements Store {
  readonly #connection: FirestoreConnection;
  readonly #documents: StoreDocuments;

  /** The connection stays its opener's to close. */
  constructor(connection: FirestoreConnection, { service }: FirestoreStoreOptions) {
    this.#connection = connection;
    this.#documents = new StoreDocuments(connection.root, service);
  }

  async read(keys: readonly string[]): Promise<readonly StoredDocument[]> {
    if (keys.length === 0) return [];
    const names = keys.map((key) => this.#documents.nameOf(key));
    const found = await this.#ask("read", keys[0], (deadline) => this.#connection.read([...new Set(names)], deadline));
    return keys.map((key, index) => storedDocument(key, found.get(names[index] ?? "")));
  }

  async commit(unit: CommitUnit): Promise<void> {
    const encoded = encodeUnit(unit);
    const token = randomUUID();
    const writes = this.#documents.writesOf(encoded, token);
    if (writes.length === 0) return;
    let mayHaveLanded = false;
    await this.#ask("commit", unit.create?.key ?? unit.documents[0]?.key, async (deadline) => {
      try {
        await this.#connection.commit(writes, deadline);
      } catch (answer) {
        const meaning = meaningOf(answer);
        mayHaveLanded ||= meaning?.mayHaveLanded === true;
        if (meaning?.next !== "refused") throw answer;
        const stamps = await this.#readStamps(encoded, deadline);
        if (explainRefusal({ unit: encoded, token, mayHaveLanded, stampOf: stamps }) === "unexplained") throw answer;
      }
    });
  }

  async due(now: Date, limit: number): Promise<readonly StoredDocument[]> {
    const dueAt = { fieldPath: FIELDS.dueAt };
    const query: Query = {
      from: [{ collectionId: this.#documents.collection }],
      where: { fieldFilter: { field: dueAt, op: "LESS_THAN_OR_EQUAL", value: timestampValue(now.getTime()) } },
      orderBy: [{ field: dueAt, direction: "ASCENDING" }],
      limit: { value: limit },
    };
    const found = await this.#ask("list what is due", undefined, (deadline) =>
      this.#connection.query(this.#documents.parent, query, deadline),
    );
    return found.map((document) => storedDocument(keyOf(document), document));
  }

  async #readStamps({ create, documents }: EncodedUnit, deadline: number) {
    const keys = [...(create === undefined ? [] : [create.key]), ...documents.map(({ key }) => key)];
    const names = keys.map((key) => this.#documents.nameOf(key));
    const found = await this.#connection.read(names, deadline, [FIELDS.token]);
    return (key: string) => stampOf(found.get(this.#documents.nameOf(key)));
  }

  #ask<T>(to: string, key: string | undefined, attempt: (deadline: number) => Promise<T>): Promise<T> {
    return inAttempts({ to, details: { key }, withinMs: this.#connection.answerWithinMs }, attempt);
  }
}
