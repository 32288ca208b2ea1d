import { hash } from "node:crypto";
import type { FirestoreConnection, StoredFields, Write } from "@contextpilot/firestore";
import { inAttempts } from "@contextpilot/firestore";
import { bytesIn, fieldsOf, numberIn, textIn, type Plain } from "./fields.ts";

/** More than this stands apart from its document: then a page of 500 is 32 MiB at most before its contents are fetched. */
const INLINE_BYTES = 64 * 1_024;
/** Firestore: a document has at most 1 MiB, its name and fields included. */
const PART_BYTES = 900 * 1_024;

/** What a document holds, as its fields say it, and the writes of what stands apart, to be made before the document's own. */
export interface Content {
  readonly fields: Readonly<Record<string, Plain>>;
  readonly parts: readonly Write[];
}

/**
 * The contents of documents, of any size, each under a field's name: within its document, or where it is long in parts, documents of
 * their own that only this one document names, so that they go with it and no sooner.
 */
export class Contents {
  readonly #connection: FirestoreConnection;
  readonly #parent: string;

  constructor(connection: FirestoreConnection, parent: string) {
    this.#connection = connection;
    this.#parent = parent;
  }

  of(name: string, field: string, bytes: Uint8Array): Content {
    const size = { [`${field}_size`]: bytes.byteLength };
    if (bytes.byteLength <= INLINE_BYTES) return { fields: { [field]: bytes, ...size }, parts: [] };
    const sum = hash("sha256", bytes, "hex");
    const parts = this.#names(name, sum, bytes.byteLength).map((part, index) => ({
      update: { name: part, fields: fieldsOf({ bytes: bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES) }) },
    }));
    return { fields: { [`${field}_sum`]: sum, ...size }, parts };
  }

  /** Each by itself: a commit takes 10 MiB at most. Whoever writes the same part writes the same bytes. */
  async writeParts({ parts }: Content): Promise<void> {
    await Promise.all(
      parts.map((part) =>
        this.#ask("keep a long content", part.update?.name ?? "", (deadline) =>
          this.#connection.commit([part], deadline),
        ),
      ),
    );
  }

  /** Rejects where a part is missing: what is shown is shown whole. */
  async in(document: StoredFields, field: string): Promise<Uint8Array> {
    const name = document.name ?? "";
    const sum = textIn(document, `${field}_sum`);
    if (sum === undefined) return bytesIn(document, field) ?? new Uint8Array();
    const size = this.sizeIn(document, field);
    const names = this.#names(name, sum, size);
    const found = await this.#ask("read a long content", name, (deadline) =>
      this.#connection.read([...names], deadline),
    );
    const parts = names.flatMap((part) => bytesIn(found.get(part) ?? {}, "bytes") ?? []);
    const bytes = Buffer.concat(parts);
    if (bytes.byteLength !== size) throw new Error(`${name}: of its ${size} bytes only ${bytes.byteLength} are there`);
    return bytes;
  }

  sizeIn(document: StoredFields, field: string): number {
    return numberIn(document, `${field}_size`);
  }

  /** The removals of what stands apart. */
  removing(document: StoredFields, field: string): readonly Write[] {
    const sum = textIn(document, `${field}_sum`);
    if (sum === undefined) return [];
    return this.#names(document.name ?? "", sum, this.sizeIn(document, field)).map((part) => ({ delete: part }));
  }

  #names(name: string, sum: string, size: number): readonly string[] {
    const own = `${this.#parent}/parts/${name.split("/").at(-1) ?? ""}.${sum}`;
    return Array.from({ length: Math.ceil(size / PART_BYTES) }, (_, index) => `${own}.${index}`);
  }

  #ask<T>(to: string, document: string, attempt: (deadline: number) => Promise<T>): Promise<T> {
    return inAttempts({ to, details: { document }, withinMs: this.#connection.answerWithinMs }, attempt);
  }
}
