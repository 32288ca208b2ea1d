import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteLog, type MessageLog } from "@contextpilot/broker";
import { HEARD, KEPT, SERVICES } from "./scene.ts";
import type { KeptDocument, KeptMessage, Remains } from "./what-is-left.ts";

/** What a house over SQLite left in its folder. */
export async function leftInFolder(folder: string): Promise<Remains> {
  const log = SqliteLog.open({ file: join(folder, "broker.sqlite") });
  try {
    return {
      said: await messagesOf(log, KEPT.said.name),
      letters: await messagesOf(log, KEPT.letters.name),
      documents: Object.fromEntries(SERVICES.map((service) => [service, documentsOf(folder, service)])),
      backlog: await backlogs(log),
    };
  } finally {
    await log.close();
  }
}

async function messagesOf(log: MessageLog, subscription: string): Promise<readonly KeptMessage[]> {
  const pending = await log.pending(subscription, 0, 1_000);
  return (await log.read(pending.map(({ sequence }) => sequence))).filter((message) => message !== undefined);
}

async function backlogs(log: MessageLog): Promise<readonly string[]> {
  const depths = await Promise.all(HEARD.map(async ({ name }) => ({ name, ...(await log.backlog(name)) })));
  return depths.flatMap(({ name, depth }) => (depth === 0 ? [] : [`${depth} of ${name}`]));
}

function documentsOf(folder: string, service: string): readonly KeptDocument[] {
  const database = new DatabaseSync(join(folder, `${service}.sqlite`), { readOnly: true });
  try {
    const rows = database.prepare("SELECT key, value, due_at FROM documents").all();
    return rows.map((row) => ({
      key: String(row["key"]),
      value: JSON.parse(String(row["value"])) as unknown,
      due: row["due_at"] !== null,
    }));
  } finally {
    database.close();
  }
}
