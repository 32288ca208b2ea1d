import type { StoredFields, Write } from "@contextpilot/firestore";

export type Plain = string | number | Uint8Array;
type Fields = NonNullable<StoredFields["fields"]>;

/** Values as Firestore has them; those without one are left out. Numbers are whole. */
export function fieldsOf(values: Readonly<Record<string, Plain | undefined>>): Fields {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, valueOf(value)]])),
  );
}

export function valueOf(value: Plain): Fields[string] {
  if (typeof value === "string") return { stringValue: value };
  return typeof value === "number" ? { integerValue: value } : { bytesValue: value };
}

export const textIn = (document: StoredFields, field: string): string | undefined =>
  document.fields?.[field]?.stringValue ?? undefined;

/** 0 where there is none. */
export const numberIn = (document: StoredFields | undefined, field: string): number =>
  Number(document?.fields?.[field]?.integerValue ?? 0);

export function bytesIn(document: StoredFields, field: string): Uint8Array | undefined {
  const bytes = document.fields?.[field]?.bytesValue;
  return bytes instanceof Uint8Array ? bytes : undefined;
}

/** When something was heard, in milliseconds, for the fields that Firestore compares. */
export const momentOf = (time: string): number => Date.parse(time);
export const timeIn = (document: StoredFields, field: string): string =>
  new Date(numberIn(document, field)).toISOString();

/** Writes these fields of a document and leaves its others; a field without a value goes. */
export function setting(name: string, values: Readonly<Record<string, Plain | undefined>>): Write {
  return { update: { name, fields: fieldsOf(values) }, updateMask: { fieldPaths: Object.keys(values) } };
}

/** Adds to numbers of a document, whatever they are by then, and sets other fields. */
export function adding(
  name: string,
  sums: Readonly<Record<string, number>>,
  values: Readonly<Record<string, Plain | undefined>> = {},
): Write {
  return {
    ...setting(name, values),
    updateTransforms: Object.entries(sums).map(([fieldPath, value]) => ({ fieldPath, increment: valueOf(value) })),
  };
}
