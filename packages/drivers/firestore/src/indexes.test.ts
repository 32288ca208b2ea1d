import { readFileSync } from "node:fs";
import { FIELDS, StoreDocuments } from "./store-documents.ts";

interface Override {
  readonly collectionGroup: string;
  readonly fieldPath: string;
  readonly indexes: readonly unknown[];
}

const file = new URL("../firestore.indexes.json", import.meta.url);
const indexes = JSON.parse(readFileSync(file, "utf8")) as { indexes: unknown[]; fieldOverrides: Override[] };

const { collection } = new StoreDocuments("root", "context-agent");
const overrideOf = (collectionGroup: string, fieldPath: string) =>
  indexes.fieldOverrides.find((one) => one.collectionGroup === collectionGroup && one.fieldPath === fieldPath);

test("of a document's fields only when it is due is indexed: what due() asks for", () => {
  expect(overrideOf(collection, "*")?.indexes).toEqual([]);
  const indexed = indexes.fieldOverrides.filter((one) => one.indexes.length > 0);
  expect(indexed).toEqual([
    {
      collectionGroup: collection,
      fieldPath: FIELDS.dueAt,
      indexes: [{ order: "ASCENDING", queryScope: "COLLECTION" }],
    },
  ]);
  expect(indexes.indexes).toEqual([]);
});

test("Firestore forgets what expired by the field that says when, which stands in no index", () => {
  expect(indexes.fieldOverrides.filter((one) => "ttl" in one)).toEqual([
    { collectionGroup: collection, fieldPath: FIELDS.expiresAt, ttl: true, indexes: [] },
    { collectionGroup: "payloads", fieldPath: "expire_at", ttl: true, indexes: [] },
  ]);
});

test("payloads are found by name alone", () => {
  expect(overrideOf("payloads", "*")?.indexes).toEqual([]);
});
