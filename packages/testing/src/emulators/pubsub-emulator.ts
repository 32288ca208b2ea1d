import { globSync } from "node:fs";
import type { EmulatorKind } from "./emulator.ts";

/** Google's emulator of Pub/Sub. It tells less than the real service: docs/gotchas.md. */
export const pubsubEmulator: EmulatorKind = {
  name: "the Pub/Sub emulator",
  component: "pubsub-emulator",
  jar: (sdk) =>
    globSync("platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar", { cwd: sdk })
      .sort()
      .map((jar) => `${sdk}/${jar}`)
      .at(-1),
  arguments: (port) => ["--host=127.0.0.1", `--port=${port}`],
};
