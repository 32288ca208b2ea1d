import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openTerraform } from "./terraform.ts";
import type { Resource } from "./test-outcome.ts";

const ROOT = resolve(import.meta.dirname, "../..");

interface IndexFile {
  readonly indexes: readonly { readonly collectionGroup: string; readonly fields: readonly object[] }[];
  readonly fieldOverrides: readonly {
    readonly collectionGroup: string;
    readonly fieldPath: string;
    readonly ttl?: boolean;
    readonly indexes: readonly { readonly order: string }[];
  }[];
}
const files = globSync(["packages/drivers/*/firestore.indexes.json", "services/*/firestore.indexes.json"], {
  cwd: ROOT,
}).map((file) => JSON.parse(readFileSync(join(ROOT, file), "utf8")) as IndexFile);

let made: readonly Resource[];
beforeAll(async () => {
  await using terraform = await openTerraform(resolve(ROOT, "infra/terraform"));
  const { runs, problems } = await terraform.test("tests/house.tftest.hcl");
  if (problems.length > 0) throw new Error(problems.join("\n"));
  made = runs.flatMap(({ resources }) => resources);
});

type Values = Readonly<Record<string, unknown>>;
const of = (type: string): readonly Values[] => made.filter((one) => one.type === type).map(({ values }) => values);
const byName = (one: readonly unknown[], other: readonly unknown[]): number => String(one).localeCompare(String(other));

test("fields are indexed, and expire, as the files beside the code say", () => {
  const said = files.flatMap(({ fieldOverrides }) =>
    fieldOverrides.map(({ collectionGroup, fieldPath, ttl = false, indexes }) => [
      collectionGroup,
      fieldPath,
      ttl,
      indexes.map(({ order }) => order).toSorted(),
    ]),
  );
  const here = of("google_firestore_field").map((field) => {
    const [config] = field["index_config"] as readonly { indexes: readonly { order: string }[] }[];
    const ttl = (field["ttl_config"] as readonly unknown[]).length > 0;
    return [field["collection"], field["field"], ttl, config?.indexes.map(({ order }) => order).toSorted()];
  });
  expect(here.length).toBeGreaterThan(4);
  expect(here.toSorted(byName)).toEqual(said.toSorted(byName));
});

test("indexes of several fields are made as the files say", () => {
  const said = files.flatMap(({ indexes }) =>
    indexes.map(({ collectionGroup, fields }) => [collectionGroup, fields.length]),
  );
  const here = of("google_firestore_index").map((index) => [
    index["collection"],
    (index["fields"] as readonly unknown[]).length,
  ]);
  expect(here.toSorted(byName)).toEqual(said.toSorted(byName));
});

test("the database is kept: from deletion, for seven days to the minute, and as a copy a day", () => {
  expect(of("google_firestore_database")).toMatchObject([
    {
      type: "FIRESTORE_NATIVE",
      delete_protection_state: "DELETE_PROTECTION_ENABLED",
      deletion_policy: "ABANDON",
      point_in_time_recovery_enablement: "POINT_IN_TIME_RECOVERY_ENABLED",
    },
  ]);
  expect(of("google_firestore_backup_schedule")).toMatchObject([{ retention: "604800s" }]);
});
