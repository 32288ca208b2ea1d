import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeOn, firestoreEmulator } from "@contextpilot/testing";
import { FirestoreConnection } from "./firestore-connection.ts";
import { FirestoreStore } from "./firestore-store.ts";

const run = promisify(execFile);
const LOAD_ON_USE = fileURLToPath(new URL("load-on-use.fixture.ts", import.meta.url));

describeOn(firestoreEmulator, "a connection to Firestore", (emulator) => {
  test("loads the library on first use, and leaves nothing open when it is closed", async () => {
    const { stdout } = await run(process.execPath, [LOAD_ON_USE, emulator().host], { timeout: 60_000 });
    expect(JSON.parse(stdout)).toEqual([false, true]);
  });

  test("is ready when the database answers", async () => {
    const connection = new FirestoreConnection({ projectId: "test-ready", emulatorHost: emulator().host });
    await expect(connection.ready()).resolves.toBeUndefined();
    await connection.close();
  });

  test("is not ready while nobody answers, and names Firestore", async () => {
    const connection = new FirestoreConnection({ projectId: "test-ready", emulatorHost: "127.0.0.1:1" });
    await expect(connection.ready()).rejects.toMatchObject({
      code: "store-failed",
      details: { firestore: "UNAVAILABLE" },
    });
    await connection.close();
  });

  test("asks nothing once it is closed, which may be said twice", async () => {
    const connection = new FirestoreConnection({ projectId: "test-closed", emulatorHost: emulator().host });
    const store = new FirestoreStore(connection, { service: "context-agent" });
    await store.read(["a"]);
    await connection.close();
    await connection.close();
    await expect(store.read(["a"])).rejects.toThrow("was closed");
  });

  test("keeps services apart that use the same keys", async () => {
    const connection = new FirestoreConnection({ projectId: "test-services", emulatorHost: emulator().host });
    const [one, two] = ["context-agent", "git-agent"].map((service) => new FirestoreStore(connection, { service }));
    await one?.commit({ create: { key: "a", value: 1, dueAt: "2026-03-02T10:00:00Z" }, documents: [] });
    expect((await two?.read(["a"]))?.[0]?.version).toBeUndefined();
    expect(await two?.due(new Date(), 10)).toEqual([]);
    expect(await one?.due(new Date(), 10)).toHaveLength(1);
    await connection.close();
  });
});

describe("without credentials", () => {
  const before = process.env["GOOGLE_APPLICATION_CREDENTIALS"];
  beforeEach(() => {
    process.env["GOOGLE_APPLICATION_CREDENTIALS"] = "/nonexistent/credentials.json";
  });
  afterEach(() => {
    if (before === undefined) delete process.env["GOOGLE_APPLICATION_CREDENTIALS"];
    else process.env["GOOGLE_APPLICATION_CREDENTIALS"] = before;
  });

  test("a read fails as the surroundings' fault, and says what is missing", async () => {
    const connection = new FirestoreConnection({ projectId: "test-credentials" });
    const store = new FirestoreStore(connection, { service: "context-agent" });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(store.read(["a"])).rejects.toThrow(/^Firestore's client could not be made: [^]*\/nonexistent/u);
    }
    await connection.close();
  });
});
