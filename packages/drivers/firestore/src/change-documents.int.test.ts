import { randomUUID } from "node:crypto";
import { GrpcProxy, describeOn, firestoreEmulator, type Fate } from "@contextpilot/testing";
import { changeDocuments, onlyAbsent, onlyAsRead, onlyThere, type DocumentsChange } from "./change-documents.ts";
import { FirestoreConnection, type StoredFields, type Write } from "./firestore-connection.ts";

const PASSES: Fate = { kind: "passes" };

const sumIn = (document: StoredFields | undefined): number => Number(document?.fields?.["sum"]?.integerValue);

/** The first call of the method meets this fate, the others pass. */
function first(method: string, fate: Fate): (called: string) => Fate {
  let left = 1;
  return (called) => (called === method && left-- > 0 ? fate : PASSES);
}

describeOn(firestoreEmulator, "documents that are changed together", (emulator) => {
  let proxy: GrpcProxy;
  let connection: FirestoreConnection;
  let counter: string;
  let record: string;

  beforeEach(async () => {
    proxy = await GrpcProxy.open(emulator().host);
    connection = new FirestoreConnection({ projectId: `test-${randomUUID()}`, emulatorHost: proxy.host });
    [counter, record] = [`${connection.root}/sums/counter`, `${connection.root}/records/record`];
    await connection.commit([{ update: { name: counter, fields: { sum: { integerValue: 0 } } } }], Date.now() + 10_000);
    proxy.calls.length = 0;
  });
  afterEach(async () => {
    await connection.close();
    await proxy.close();
  });

  const change = <T>(names: string[], decide: (found: ReadonlyMap<string, StoredFields>) => DocumentsChange<T>) =>
    changeDocuments(connection, { to: "change documents", details: {}, names }, decide);
  const sum = async (): Promise<number> => sumIn((await connection.read([counter], Date.now() + 10_000)).get(counter));

  const addOne = (): Write => ({
    update: { name: counter, fields: {} },
    updateMask: { fieldPaths: [] },
    updateTransforms: [{ fieldPath: "sum", increment: { integerValue: 1 } }],
    ...onlyThere,
  });
  /** Makes the record, and adds one to the counter without reading it; tells whether the record is new. */
  const keepOnce = () =>
    change([record], (found) =>
      found.has(record)
        ? { writes: [], result: false }
        : { writes: [{ update: { name: record, fields: {} }, ...onlyAbsent }, addOne()], result: true },
    );

  test("take one batched read and one commit", async () => {
    expect(await keepOnce()).toBe(true);
    expect(await keepOnce()).toBe(false);
    expect(proxy.calls).toEqual(["BatchGetDocuments", "Commit", "BatchGetDocuments"]);
  });

  test.each<[string, Fate]>([
    ["never got there", { kind: "cut", when: "before" }],
    ["was made, and its answer lost", { kind: "cut", when: "answered" }],
    ["was refused for now", { kind: "refused", status: 10 }],
    ["nobody knows of", { kind: "refused", status: 4 }],
  ])("by a commit that %s, they are changed once, and whoever asked is told so", async (_what, fate) => {
    proxy.fateOf = first("Commit", fate);
    expect(await keepOnce()).toBe(true);
    expect(await sum()).toBe(1);
  });

  test("are made by one of those who try at the same time", async () => {
    const made = await Promise.all(Array.from({ length: 10 }, keepOnce));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await sum()).toBe(1);
  });

  test("are decided about again where another was faster, by how they are then", async () => {
    const seen: number[] = [];
    const addToRead = (found: ReadonlyMap<string, StoredFields>) => {
      const document = found.get(counter) ?? {};
      seen.push(sumIn(document));
      const fields = { sum: { integerValue: sumIn(document) + 1 } };
      return { writes: [{ update: { name: counter, fields }, ...onlyAsRead(document) }], result: undefined };
    };
    await Promise.all([change([counter], addToRead), change([counter], addToRead)]);
    expect(await sum()).toBe(2);
    expect(new Set(seen)).toEqual(new Set([0, 1]));
  });

  test("are given up after five attempts, with what was asked, and nothing is written", async () => {
    const refused = change([record], () => ({
      writes: [addOne(), { update: { name: record, fields: {} }, ...onlyThere }],
      result: undefined,
    }));
    await expect(refused).rejects.toMatchObject({ code: "store-failed", details: { attempts: 5 } });
    expect(await sum()).toBe(0);
  });

  test("are left alone where nothing is to be written", async () => {
    expect(await change([record], () => ({ writes: [], result: "nothing" }))).toBe("nothing");
    expect(proxy.calls).toEqual(["BatchGetDocuments"]);
  });
});
