import { FirestoreConnection, type Query, type StoredFields } from "@contextpilot/firestore";
import { DashboardDocuments } from "./dashboard-documents.ts";
import { fieldsOf, textIn } from "./fields.ts";
import { entriesOf, listOf } from "./lists.ts";

const list = listOf("in_all", "default");

/** A Firestore that has the documents of one list, in their order, and gives them as far as it is asked to. */
class ListOnly extends FirestoreConnection {
  queries = 0;
  readonly #documents: readonly StoredFields[];

  constructor(documents: readonly StoredFields[]) {
    super({ projectId: "none" });
    this.#documents = documents;
  }

  override query(_parent: string, { startAt, where, limit }: Query): Promise<readonly StoredFields[]> {
    this.queries += 1;
    const [after] = where?.compositeFilter?.filters ?? [];
    const bound = after?.fieldFilter?.value?.stringValue ?? "";
    const last = startAt?.values?.[1]?.referenceValue;
    const start = this.#documents.findIndex(({ name }) => name === last) + 1;
    const found = this.#documents.slice(start).filter((document) => (textIn(document, "in_all") ?? "") > bound);
    return Promise.resolve(found.slice(0, Number(limit?.value)));
  }
}

const document = (name: string, place: number): StoredFields => ({
  name,
  fields: fieldsOf(entriesOf([list], place)),
});

const pageOf = (
  connection: FirestoreConnection,
  { limit, after, wanted }: { limit: number; after?: number; wanted?: readonly string[] },
) =>
  new DashboardDocuments(connection).page("seen_events", list, {
    order: "oldest-first",
    after,
    limit,
    read: ({ name = "" }) => (wanted?.includes(name ?? "") === false ? undefined : name),
  });

test("two that took the same place stay on one page, so that neither is missed by the next", async () => {
  const connection = new ListOnly([document("a", 1), document("b", 2), document("c", 2), document("d", 3)]);
  const one = await pageOf(connection, { limit: 2 });
  expect(one).toEqual({ items: ["a", "b", "c"], next: 2 });
  expect(await pageOf(connection, { limit: 2, after: one.next ?? 0 })).toEqual({ items: ["d"], next: null });
});

test("a page goes on behind what is not wanted, also where places are the same", async () => {
  const documents = Array.from({ length: 300 }, (_, index) => document(`d${index}`, 1 + (index >> 1)));
  const connection = new ListOnly([...documents, document("last", 200)]);
  expect(await pageOf(connection, { limit: 2, wanted: ["d7", "last"] })).toEqual({ items: ["d7", "last"], next: null });
});

test("a page that passes over much ends early, and the next goes on to what is wanted", async () => {
  const connection = new ListOnly(Array.from({ length: 2_500 }, (_, index) => document(`d${index}`, 1 + index)));
  const wanted = ["d2499"];
  const one = await pageOf(connection, { limit: 10, wanted });
  expect(one).toEqual({ items: [], next: 2_000 });
  expect(connection.queries).toBeLessThan(30);
  expect(await pageOf(connection, { limit: 10, wanted, after: 2_000 })).toEqual({ items: ["d2499"], next: null });
});
