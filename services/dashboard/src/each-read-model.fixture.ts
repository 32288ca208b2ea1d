import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { FirestoreConnection } from "@contextpilot/firestore";
import { describeOn, firestoreEmulator } from "@contextpilot/testing";
import type { Decisions } from "./dead-letters/decisions.ts";
import { FirestoreReadModel } from "./firestore-read-model.ts";
import { temporaryFolder } from "./house.fixture.ts";
import type { ReadModel } from "./read-model.ts";
import type { ReplayRuns } from "./replays/replay-runs.ts";
import { SqliteReadModel } from "./sqlite-read-model.ts";

/** A read model with what people decide about it. */
export interface WholeReadModel extends ReadModel {
  readonly decisions: Decisions;
  readonly replayRuns: ReplayRuns;
}

/** A read model of one test, empty at first. */
export interface OpenedReadModel {
  readonly model: WholeReadModel;
  /** The same again, as after a restart. */
  reopen(): Promise<WholeReadModel>;
  close(): Promise<void>;
}

/** The promises that every read model keeps: the tests are run on each of them. */
export function onEachReadModel(tests: (open: () => OpenedReadModel) => void): void {
  describe("on SQLite", () => tests(openSqlite));
  describeOn(firestoreEmulator, "on Firestore", (emulator) => tests(() => openFirestore(emulator().host)));
}

function openSqlite(): OpenedReadModel {
  const folder = temporaryFolder();
  const open = () => SqliteReadModel.open({ file: join(folder.path, "dashboard.db") });
  let model = open();
  return {
    model,
    reopen: async () => {
      await model.close();
      return (model = open());
    },
    close: async () => {
      await model.close();
      folder.remove();
    },
  };
}

export function openFirestore(emulatorHost: string): OpenedReadModel & { readonly connection: FirestoreConnection } {
  const connection = new FirestoreConnection({ projectId: `test-${randomUUID()}`, emulatorHost });
  const open = () =>
    new FirestoreReadModel(connection, {
      onPruningFailed: (error) => {
        throw error; // fails the test
      },
    });
  return { connection, model: open(), reopen: async () => open(), close: () => connection.close() };
}
