import { hash } from "node:crypto";
import type { EncodedDocument, EncodedUnit, StoredDocument } from "@contextpilot/messaging";
import type { StoredFields, Write } from "./firestore-connection.ts";
import { timestampValue } from "./timestamp-value.ts";

/** The fields of a document; firestore.indexes.json speaks of them, and keeps all but `due_at` out of every index. */
export const FIELDS = {
  /** The whole key: a document's name holds its hash alone. */
  key: "key",
  /** The value as JSON text: one field, however deep it is. */
  json: "json",
  /** Of the commit that wrote it, drawn at random: tells our own write from another's, and makes every write a change. */
  token: "token",
  expiresAt: "expire_at",
  dueAt: "due_at",
} as const;

/** What is looked at where a commit was refused. */
export interface Stamp {
  readonly version: string | undefined;
  readonly token: string | undefined;
}

/** A service's documents, as Firestore has them: their names, and the writes of a commit. */
export class StoreDocuments {
  /** Above the collection. */
  readonly parent: string;
  readonly collection = "documents";

  constructor(root: string, service: string) {
    this.parent = `${root}/services/${encodeURIComponent(service)}`;
  }

  /** By the key's hash: any key will do, and neighbours in time are none in the index of names. */
  nameOf(key: string): string {
    return `${this.parent}/${this.collection}/${hash("sha256", key, "hex")}`;
  }

  /** The writes of a unit; where one is refused, so are all. */
  writesOf({ create, documents }: EncodedUnit, token: string): Write[] {
    return [
      ...(create === undefined ? [] : [{ ...this.#update(create, token), ...onlyIf(undefined) }]),
      ...documents.map((document): Write => {
        const condition = onlyIf(document.expected);
        if (document.kind === "set") return { ...this.#update(document, token), ...condition };
        const name = this.nameOf(document.key);
        if (document.kind === "delete" || document.expected === undefined) return { delete: name, ...condition };
        // Firestore has no write that only checks: one that changes no field does, and leaves the version alone.
        return { update: { name, fields: {} }, updateMask: { fieldPaths: [] }, ...condition };
      }),
    ];
  }

  #update({ key, json, expiresAt, dueAt }: EncodedDocument, token: string): Write {
    const fields = {
      [FIELDS.key]: { stringValue: key },
      [FIELDS.json]: { stringValue: json },
      [FIELDS.token]: { stringValue: token },
      ...(expiresAt !== undefined && { [FIELDS.expiresAt]: timestampValue(expiresAt) }),
      ...(dueAt !== undefined && { [FIELDS.dueAt]: timestampValue(dueAt) }),
    };
    return { update: { name: this.nameOf(key), fields } };
  }
}

/** A document as it was read, or as there is none. */
export function storedDocument(key: string, document: StoredFields | undefined): StoredDocument {
  if (document === undefined) return { key, value: undefined, version: undefined };
  const json = document.fields?.[FIELDS.json]?.stringValue;
  if (typeof json !== "string")
    throw new Error(`${document.name} was not written by this store: it has no ${FIELDS.json}`);
  return { key, value: JSON.parse(json) as unknown, version: versionOf(document) };
}

export const keyOf = (document: StoredFields): string => document.fields?.[FIELDS.key]?.stringValue ?? "";

export function stampOf(document: StoredFields | undefined): Stamp {
  return {
    version: document && versionOf(document),
    token: document?.fields?.[FIELDS.token]?.stringValue ?? undefined,
  };
}

/** When it was last changed: later with each change, also when it went and came again. Seconds and nanoseconds since 1970. */
function versionOf({ updateTime }: StoredFields): string {
  return `${String(updateTime?.seconds ?? 0)}.${String(updateTime?.nanos ?? 0).padStart(9, "0")}`;
}

function onlyIf(version: string | undefined): Pick<Write, "currentDocument"> {
  if (version === undefined) return { currentDocument: { exists: false } };
  const [, seconds, nanos] = /^(\d{1,12})\.(\d{9})$/.exec(version) ?? NO_VERSION;
  return { currentDocument: { updateTime: { seconds: Number(seconds), nanos: Number(nanos) } } };
}

/** Stands for what was never a version of ours: before any Firestore was, so no document has it. */
const NO_VERSION = ["", "1", "0"] as const;
