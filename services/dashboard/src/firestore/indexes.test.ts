import { readFileSync } from "node:fs";
import { FirestoreConnection, type Query, type StoredFields } from "@contextpilot/firestore";
import { FirestoreReadModel } from "../firestore-read-model.ts";
import { push, said } from "../house.fixture.ts";

interface Index {
  readonly collectionGroup: string;
  readonly fields: readonly { readonly fieldPath: string; readonly order: string }[];
}
interface Override {
  readonly collectionGroup: string;
  readonly fieldPath: string;
  readonly indexes: readonly { readonly order: string }[];
}

const file = new URL("../../firestore.indexes.json", import.meta.url);
const { indexes, fieldOverrides } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly indexes: readonly Index[];
  readonly fieldOverrides: readonly Override[];
};

/** A Firestore in which nothing is, which remembers what it was asked for. */
class EmptyFirestore extends FirestoreConnection {
  readonly queries: Query[] = [];

  override query(_parent: string, query: Query): Promise<readonly StoredFields[]> {
    this.queries.push(query);
    return Promise.resolve([]);
  }
  override count(_parent: string, query: Query): Promise<number> {
    this.queries.push(query);
    return Promise.resolve(0);
  }
  override read(): Promise<ReadonlyMap<string, StoredFields>> {
    return Promise.resolve(new Map());
  }
  override commit(): Promise<void> {
    return Promise.resolve();
  }
}

const tenant_id = "default";
const page = { tenant_id, limit: 10 };
const SEEN = "2026-03-02T12:00:01.000Z";

/** Everything that can be asked. */
async function askAll(firestore: FirestoreConnection): Promise<void> {
  const model = new FirestoreReadModel(firestore);
  await model.keepEvent(said("e", push()), SEEN);
  for (const wanted of [{}, { type: "git.push" }, { type: "git.push.v1" }, { trace: "t" }, { agent: "a" }]) {
    await model.events({ ...page, ...wanted });
  }
  await model.events({ ...page, type: "coach.nudge", person: "ada" });
  await model.chains(page);
  await model.chain({ ...page, correlation_id: "c" });
  for (const wanted of [{}, { correlation_id: "c" }, { state: "open" as const }, { group_id: "g" }]) {
    await model.deadLetters({ ...page, ...wanted });
  }
  await model.deadLetters({ ...page, group_id: "g", state: "open" });
  await model.deadLetterGroups({ ...page, open: true });
  await model.decisionsAbout(tenant_id, "d");
  await model.proposals(page);
  await model.proposals({ ...page, repository: "shop" });
  await model.counts(tenant_id);
  await model.decisions.pending(1);
  await model.decisions.open({ ...page, up_to: 1 });
  await model.decisions.open({ ...page, up_to: 1, group_id: "g" });
  await model.decisions.newest(tenant_id);
  await model.replayRuns.runs(page);
  for (const wanted of [{}, { type: "git.push" }, { type: "git.push.v1" }, { correlation_id: "c" }]) {
    await model.replayRuns.count({ tenant_id, ...wanted });
  }
  await model.replayRuns.begin({ generation: "g", selection: { tenant_id }, begun_by: "ada", begun_at: SEEN });
}

/** Which index a query needs: by the fields that must be equal, then those of its order; by name it is ordered in any case. */
function neededBy({ from, where, orderBy }: Query): Index {
  const filters = where?.compositeFilter?.filters?.map(({ fieldFilter }) => fieldFilter) ?? [where?.fieldFilter];
  const equal = filters.filter((filter) => filter?.op === "EQUAL").map((filter) => filter?.field?.fieldPath ?? "");
  const ordered = (orderBy ?? []).map(({ field, direction }) => ({
    fieldPath: field?.fieldPath ?? "",
    order: String(direction),
  }));
  return {
    collectionGroup: from?.[0]?.collectionId ?? "",
    fields: [
      ...equal.map((fieldPath) => ({ fieldPath, order: "ASCENDING" })),
      ...ordered.filter(({ fieldPath }) => fieldPath !== "__name__"),
    ],
  };
}

const hasIndex = ({ collectionGroup, fields }: Index): boolean => {
  const [only, second] = fields;
  if (second !== undefined) {
    return indexes.some((one) => one.collectionGroup === collectionGroup && isSame(one.fields, fields));
  }
  return fieldOverrides.some(
    (one) =>
      one.collectionGroup === collectionGroup &&
      one.fieldPath === only?.fieldPath &&
      one.indexes.some(({ order }) => order === only.order),
  );
};
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

test("each query has the index that it needs, and no index is there that none needs", async () => {
  const firestore = new EmptyFirestore({ projectId: "none" });
  await askAll(firestore);
  const needed = firestore.queries.map(neededBy);

  expect(needed.filter((index) => !hasIndex(index))).toEqual([]);
  const fields = new Set(
    needed.flatMap(({ collectionGroup, fields: [field] }) => `${collectionGroup} ${field?.fieldPath}`),
  );
  const indexed = fieldOverrides.filter((one) => one.indexes.length > 0);
  expect(indexed.map((one) => `${one.collectionGroup} ${one.fieldPath}`).filter((one) => !fields.has(one))).toEqual([]);
  expect(indexes).toHaveLength(1);
});

test("nothing else of a document is indexed", () => {
  const collections = new Set([...fieldOverrides, ...indexes].map(({ collectionGroup }) => collectionGroup));
  const all = fieldOverrides.filter(({ fieldPath }) => fieldPath === "*");
  expect(all.map((one) => [one.collectionGroup, one.indexes])).toEqual([...collections].map((one) => [one, []]));
});
