import { hash } from "node:crypto";
import type { Query, StoredFields } from "@contextpilot/firestore";
import { textIn } from "./fields.ts";

/**
 * A list that documents stand in: those of one tenant, of one chain, of one family. A document says it in one field: which list, and its
 * place in it. So a page of a list, from either end and from any place on, is a range of that one field: Firestore needs no index
 * of several fields, and what is heard at the same time lies apart in the indexes but for what is in the same list.
 */
export interface List {
  readonly field: string;
  /** Of the list's name: no two tenants have one list, and any text names one. */
  readonly key: string;
}

/** A number of the 16 digits that every place has. */
const DIGITS = 16;
const BEFORE_ALL = 0;
const AFTER_ALL = Number.MAX_SAFE_INTEGER;

export function listOf(field: string, ...name: readonly string[]): List {
  return { field, key: hash("sha256", JSON.stringify([field, ...name]), "hex").slice(0, 32) };
}

/** The field of a document that stands in the lists at this place. */
export function entriesOf(lists: readonly List[], place: number): Readonly<Record<string, string>> {
  return Object.fromEntries(lists.map(({ field, key }) => [field, entry(key, place)]));
}

/** Where a document stands in a list of the field. */
export const placeIn = (document: StoredFields, field: string): number =>
  Number(textIn(document, field)?.slice(-DIGITS) ?? Number.NaN);

const entry = (key: string, place: number): string => `${key}.${String(place).padStart(DIGITS, "0")}`;

/** A part of a list, without its ends. */
export interface Part {
  readonly order: "oldest-first" | "newest-first";
  readonly after?: number | undefined;
  readonly before?: number | undefined;
}

/** The documents of a collection in a part of a list. */
export function queryOf(collectionId: string, { field, key }: List, { order, after, before }: Part): Query {
  const fieldPath = { fieldPath: field };
  const bound = (op: "GREATER_THAN" | "LESS_THAN", place: number) => ({
    fieldFilter: { field: fieldPath, op, value: { stringValue: entry(key, place) } },
  });
  const direction = order === "oldest-first" ? "ASCENDING" : "DESCENDING";
  return {
    from: [{ collectionId }],
    where: {
      compositeFilter: {
        op: "AND",
        filters: [bound("GREATER_THAN", after ?? BEFORE_ALL), bound("LESS_THAN", before ?? AFTER_ALL)],
      },
    },
    orderBy: [
      { field: fieldPath, direction },
      { field: { fieldPath: "__name__" }, direction },
    ],
  };
}
