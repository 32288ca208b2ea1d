/** A document as it was read: `version` is undefined where there is none. */
export interface StoredDocument {
  readonly key: string;
  /** A JSON value; undefined where there is no document. */
  readonly value: unknown;
  /** Changes with every write of the document; what `commit` compares. Only its equality means something. */
  readonly version: string | undefined;
}

/** When a written document has its turn; UTC, ISO 8601. A write that leaves one out takes it away. */
export interface DocumentTimes {
  /** When the store may forget the document. Default: never. */
  readonly expiresAt?: string;
  /** When somebody must look at it again: from then on {@link Store.due} lists it. Default: never. */
  readonly dueAt?: string;
}

/** One document of a commit: on the condition that it is as it was read, it gets the new value, goes, or stays. */
export interface DocumentChange extends DocumentTimes {
  readonly key: string;
  /** The version that was read; undefined: there must be none. */
  readonly expected: string | undefined;
  /** `set` writes, `delete` removes, `keep` only holds the commit to the condition. */
  readonly change:
    | { readonly kind: "set"; readonly value: unknown }
    | { readonly kind: "delete" }
    | { readonly kind: "keep" };
}

/** What is written together or not at all. */
export interface CommitUnit {
  /** A document that must not exist yet: an inbox record. */
  readonly create?: DocumentTimes & { readonly key: string; readonly value: unknown };
  readonly documents: readonly DocumentChange[];
}

/**
 * Documents by key, and atomic commits over them.
 *
 * - `read` gives one document for each key, in the order of the keys, all of one moment. Keys may repeat.
 * - `commit` is all or nothing, and on disk when it resolves. It rejects with {@link AlreadyHandled} where the document to create
 *   exists, else with {@link Conflict} where a document is not as expected; nothing was written then. Any other rejection means
 *   that the store could not say: the unit may be there or not, whole in either case.
 * - An expired document is there like any other, for `read` and for `commit`, until the store forgets it; when that is, is the
 *   store's own affair.
 * - `due` gives at most `limit` documents whose dueAt has come at `now`, the longest due first.
 * - A key never sees the same version twice, not even after the document went and came again.
 *
 * A key is valid Unicode of 1 to 1,500 bytes and stands once in a commit; the service, the tenant and the kind of document are
 * part of it. A value is what JSON can say in 1,000,000 bytes. A commit that breaks this is rejected with a TypeError, and nothing
 * was written: the same in every store, so that what works in one works in all.
 */
export interface Store {
  read(keys: readonly string[]): Promise<readonly StoredDocument[]>;
  commit(unit: CommitUnit): Promise<void>;
  due(now: Date, limit: number): Promise<readonly StoredDocument[]>;
}

/** The document to create exists: this was done before. */
export class AlreadyHandled extends Error {
  override readonly name = "AlreadyHandled";
  readonly key: string;

  constructor(key: string) {
    super(`${key} exists already`);
    this.key = key;
  }
}

/** A document changed since it was read. */
export class Conflict extends Error {
  override readonly name = "Conflict";
  readonly key: string;

  constructor(key: string) {
    super(`${key} changed since it was read`);
    this.key = key;
  }
}
