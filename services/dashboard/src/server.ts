import { runRawAgent } from "@contextpilot/agent-process";
import { createFeed } from "./feed.ts";
import { FirestoreReadModel } from "./firestore-read-model.ts";

await runRawAgent("dashboard", ({ firestore, payloads }, logger) => {
  const onPruningFailed = (err: unknown): void => logger.warn({ err }, "what is old was not taken away");
  return createFeed({ readModel: new FirestoreReadModel(firestore, { onPruningFailed }), payloads, logger }).take;
});
