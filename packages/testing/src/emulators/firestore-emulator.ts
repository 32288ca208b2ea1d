import { existsSync } from "node:fs";
import type { EmulatorKind } from "./emulator.ts";

/** Google's emulator of Firestore. It keeps each project apart: tests that share one take a project each. */
export const firestoreEmulator: EmulatorKind = {
  name: "the Firestore emulator",
  component: "cloud-firestore-emulator",
  jar: (sdk) => {
    const jar = `${sdk}/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar`;
    return existsSync(jar) ? jar : undefined;
  },
  mainClass: "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
  arguments: (port) => ["--host=127.0.0.1", `--port=${port}`],
};
