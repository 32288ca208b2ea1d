import { hash } from "node:crypto";
import {
  changeDocuments,
  inAttempts,
  type DocumentsChange,
  type FirestoreConnection,
  type FoundDocuments,
  type Query,
  type StoredFields,
} from "@contextpilot/firestore";
import type { Page } from "../read-model.ts";
import { Contents } from "./contents.ts";
import { placeIn, queryOf, type List, type Part } from "./lists.ts";

/** Of firestore.indexes.json. */
export type Collection =
  | "seen_events"
  | "chains"
  | "dead_letters"
  | "dead_letter_groups"
  | "decisions"
  | "replays"
  | "proposals";

/** A page ends past this, whatever its limit: one envelope may have hundreds of KiB. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** A page also ends when it has passed over so many documents that were not wanted. */
const MAX_PASSED = 2_000;
const AT_ONCE = 100;

export interface PageOptions<T> extends Part {
  readonly limit: number;
  /** How much of a page a document takes. Default: nothing. */
  readonly sizeOf?: (document: StoredFields) => number;
  /** undefined: not wanted. */
  readonly read: (document: StoredFields) => T | undefined | Promise<T | undefined>;
  /** Of the documents, these fields alone. Default: all. */
  readonly select?: readonly string[];
}

/** The dashboard's documents in Firestore, below `services/dashboard`. */
export class DashboardDocuments {
  readonly connection: FirestoreConnection;
  readonly contents: Contents;
  readonly #parent: string;

  constructor(connection: FirestoreConnection) {
    this.connection = connection;
    this.#parent = `${connection.root}/services/dashboard`;
    this.contents = new Contents(connection, this.#parent);
  }

  /** By a hash: any id will do, and neighbours in time are none in the index of names. */
  nameOf(collection: Collection, ...id: readonly string[]): string {
    return `${this.#parent}/${collection}/${hash("sha256", JSON.stringify(id), "hex")}`;
  }

  change<T>(
    to: string,
    names: readonly string[],
    mask: readonly string[],
    decide: (found: FoundDocuments) => DocumentsChange<T>,
  ): Promise<T> {
    return changeDocuments(this.connection, { to, details: {}, names, mask }, decide);
  }

  async read(to: string, names: readonly string[], mask?: readonly string[]): Promise<FoundDocuments> {
    if (names.length === 0) return new Map();
    return this.#ask(to, (deadline) => this.connection.read([...new Set(names)], deadline, mask && [...mask]));
  }

  find(to: string, query: Query): Promise<readonly StoredFields[]> {
    return this.#ask(to, (deadline) => this.connection.query(this.#parent, query, deadline));
  }

  count(to: string, query: Query): Promise<number> {
    return this.#ask(to, (deadline) => this.connection.count(this.#parent, query, deadline));
  }

  /** The first documents of a part of a list. */
  first(collection: Collection, list: List, part: Part, limit: number): Promise<readonly StoredFields[]> {
    return this.find(`list ${collection}`, { ...queryOf(collection, list, part), limit: { value: limit } });
  }

  /** A page of a list; its cursor is the place of its last document. */
  async page<T>(collection: Collection, list: List, options: PageOptions<T>): Promise<Page<T>> {
    const { limit, sizeOf = () => 0, read, select } = options;
    const items: T[] = [];
    let [bytes, passed, last] = [0, 0, 0];
    for (let from: StoredFields | undefined; ;) {
      // One more tells whether there is more. Where much is passed over, a few at a time would take long.
      const wanted = Math.max(limit - items.length + 1, from === undefined ? 0 : AT_ONCE);
      const documents = await this.find(`list ${collection}`, {
        ...queryOf(collection, list, options),
        ...(select && { select: { fields: [...select, list.field].map((fieldPath) => ({ fieldPath })) } }),
        ...(from && { startAt: { values: cursorAt(from, list), before: false } }),
        limit: { value: wanted },
      });
      for (const document of documents) {
        const place = placeIn(document, list.field);
        bytes += sizeOf(document);
        const full = items.length >= limit || (items.length > 0 && bytes > MAX_PAGE_BYTES) || passed >= MAX_PASSED;
        // Two that took the same place stay on one page: the cursor knows no more of them than that.
        if (full && place !== last) return { items, next: last };
        const item = await read(document);
        if (item === undefined) passed += 1;
        else items.push(item);
        last = place;
      }
      if (documents.length < wanted) return { items, next: null };
      from = documents.at(-1);
    }
  }

  #ask<T>(to: string, attempt: (deadline: number) => Promise<T>): Promise<T> {
    return inAttempts({ to, details: {}, withinMs: this.connection.answerWithinMs }, attempt);
  }
}

const cursorAt = (document: StoredFields, { field }: List) => [
  document.fields?.[field] ?? {},
  { referenceValue: document.name ?? "" },
];
