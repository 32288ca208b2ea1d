import { createRequire } from "node:module";
import { FirestoreConnection } from "./firestore-connection.ts";
import { FirestoreStore } from "./firestore-store.ts";

// Says whether the library was loaded: when the store was made, and when it had been asked something.
const [emulatorHost = ""] = process.argv.slice(2);
const isLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("google-gax/build"));

const connection = new FirestoreConnection({ projectId: "test-load", emulatorHost });
const store = new FirestoreStore(connection, { service: "context-agent" });
const before = isLoaded();
await store.read(["a"]);
process.stdout.write(JSON.stringify([before, isLoaded()]));
await connection.close();
