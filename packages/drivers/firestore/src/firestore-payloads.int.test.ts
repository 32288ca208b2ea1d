import { randomUUID } from "node:crypto";
import { describeOn, firestoreEmulator, payloadsConformance } from "@contextpilot/testing";
import { FirestoreConnection } from "./firestore-connection.ts";
import { FirestorePayloads } from "./firestore-payloads.ts";

describeOn(firestoreEmulator, "on Google's emulator", (emulator) => {
  payloadsConformance("FirestorePayloads", async () => {
    const projectId = `test-${randomUUID()}`;
    let connection: FirestoreConnection;
    const open = () => {
      connection = new FirestoreConnection({ projectId, emulator: emulator().host });
      return new FirestorePayloads(connection);
    };
    return {
      payloads: open(),
      reopen: async () => {
        await connection.close();
        return open();
      },
      close: () => connection.close(),
    };
  });
});
