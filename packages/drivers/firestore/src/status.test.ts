import { grpc } from "google-gax";
import { MEANING_OF_STATUS, meaningOf } from "./status.ts";

test("every status of gRPC has a meaning, under its own name", () => {
  const failures = Object.entries(grpc.status).filter(
    ([, code]) => typeof code === "number" && code !== grpc.status.OK,
  );
  expect(failures).toHaveLength(16);
  expect(Object.fromEntries(failures.map(([name, code]) => [code, name]))).toEqual(
    Object.fromEntries(Object.entries(MEANING_OF_STATUS).map(([code, { name }]) => [code, name])),
  );
});

test.each([
  ["ALREADY_EXISTS", "refused"],
  ["FAILED_PRECONDITION", "refused"],
  ["ABORTED", "again"],
  ["RESOURCE_EXHAUSTED", "again"],
  ["UNAVAILABLE", "again, and may have landed"],
  ["DEADLINE_EXCEEDED", "again, and may have landed"],
  ["INVALID_ARGUMENT", "stop"],
  ["PERMISSION_DENIED", "stop"],
] as const)("%s means: %s", (name, meant) => {
  const { next, mayHaveLanded } = meaningOf(Object.assign(new Error(name), { code: grpc.status[name] })) ?? {};
  expect(mayHaveLanded === true ? `${next}, and may have landed` : next).toBe(meant);
});

test("only what our own request is to blame for counts against the handler", () => {
  const counted = Object.values(MEANING_OF_STATUS).filter(({ code }) => code === "handler-failed");
  expect(counted.map(({ name }) => name)).toEqual(["INVALID_ARGUMENT"]);
});

test("what is no answer of Firestore's means nothing", () => {
  for (const failure of [
    new Error("no code"),
    Object.assign(new Error("ENOENT"), { code: "ENOENT" }),
    undefined,
    { code: 6 },
  ]) {
    expect(meaningOf(failure)).toBeUndefined();
  }
});
