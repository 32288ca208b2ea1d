import { FirestoreConnection } from "@contextpilot/firestore";
import type { EmulatedBus } from "./emulated-bus.ts";
import type { EmulatorsPlace } from "./emulators-pair.ts";
import { SERVICES } from "./scene.ts";
import type { KeptDocument, Remains } from "./what-is-left.ts";

const ANSWER_WITHIN_MS = 10_000;

/** What a house left in the emulators' project. */
export async function leftInEmulators({ projectId, firestore }: EmulatorsPlace, bus: EmulatedBus): Promise<Remains> {
  const connection = new FirestoreConnection({ projectId, emulatorHost: firestore });
  try {
    const documents: Record<string, readonly KeptDocument[]> = {};
    for (const service of SERVICES) documents[service] = await documentsOf(connection, service);
    return {
      said: bus.published.get("coach-nudges") ?? [],
      letters: bus.published.get("audit-all-dlq") ?? [],
      documents,
      backlog: bus.backlog,
    };
  } finally {
    await connection.close();
  }
}

async function documentsOf(connection: FirestoreConnection, service: string): Promise<readonly KeptDocument[]> {
  const all = { from: [{ collectionId: "documents" }] };
  const found = await connection.query(`${connection.root}/services/${service}`, all, Date.now() + ANSWER_WITHIN_MS);
  return found.map(({ fields }) => ({
    key: fields?.["key"]?.stringValue ?? "",
    value: JSON.parse(fields?.["json"]?.stringValue ?? "") as unknown,
    due: fields?.["due_at"] !== undefined,
  }));
}
