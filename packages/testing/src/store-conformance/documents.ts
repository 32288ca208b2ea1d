import type { DocumentChange, Store, StoredDocument } from "@contextpilot/messaging";

export const set = (key: string, expected: string | undefined, value: unknown): DocumentChange => ({
  key,
  expected,
  change: { kind: "set", value },
});

export const keep = (key: string, expected: string | undefined): DocumentChange => ({
  key,
  expected,
  change: { kind: "keep" },
});

export const remove = (key: string, expected: string | undefined): DocumentChange => ({
  key,
  expected,
  change: { kind: "delete" },
});

export async function get(store: Store, key: string): Promise<StoredDocument> {
  const [document] = await store.read([key]);
  if (document === undefined) throw new Error(`read gave nothing for ${key}`);
  return document;
}

/** Writes the document whatever it is now, and reads it again. */
export async function put(store: Store, key: string, value: unknown): Promise<StoredDocument> {
  const { version } = await get(store, key);
  await store.commit({ documents: [set(key, version, value)] });
  return get(store, key);
}

export async function valuesOf(store: Store, keys: readonly string[]): Promise<readonly unknown[]> {
  return (await store.read(keys)).map(({ value }) => value);
}
