import { randomUUID } from "node:crypto";
import { describeOn, firestoreEmulator, storeConformance } from "@contextpilot/testing";
import { FirestoreConnection } from "./firestore-connection.ts";
import { FirestoreStore } from "./firestore-store.ts";

describeOn(firestoreEmulator, "on Google's emulator", (emulator) => {
  const missing = { oneMoment: "the emulator reads one document after the other, and calls it one read time" };
  const open = async () => {
    const projectId = `test-${randomUUID()}`;
    let connection: FirestoreConnection;
    const start = () => {
      connection = new FirestoreConnection({ projectId, emulatorHost: emulator().host });
      return new FirestoreStore(connection, { service: "context-agent" });
    };
    return {
      store: start(),
      reopen: async () => {
        await connection.close();
        return start();
      },
      close: () => connection.close(),
    };
  };
  storeConformance("FirestoreStore", open, missing);
});
