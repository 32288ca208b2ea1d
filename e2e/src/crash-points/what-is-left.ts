import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteLog, type MessageLog, type StoredMessage } from "@contextpilot/broker";
import { readEnvelope } from "@contextpilot/events";
import { COMMITS, HEARD, KEPT } from "./scene.ts";

/** What a house that has ended left in its folder, in words that are the same in every run that kept every promise. */
export interface Left {
  /** What was said, and how many events said it. */
  readonly said: readonly string[];
  readonly letters: readonly string[];
  /** What each service remembers to have handled. */
  readonly inboxes: Readonly<Record<string, readonly string[]>>;
  /** What each service counted, in its state. */
  readonly counted: Readonly<Record<string, readonly string[]>>;
  /** Claims, leftovers of an outbox, what is due, what waits on the bus: nothing, at the end. */
  readonly waiting: readonly string[];
}

export async function whatIsLeft(folder: string): Promise<Left> {
  const log = SqliteLog.open({ file: join(folder, "broker.sqlite") });
  try {
    const said = await messagesOf(log, KEPT.said.name);
    const letters = await messagesOf(log, KEPT.letters.name);
    const words = new Map(
      COMMITS.map(({ event_id, data }) => [event_id, wordOf((data as { message: string }).message)]),
    );
    for (const message of said) words.set(message.attributes["event_id"] ?? "", titleOf(message));
    const services = [...new Set(HEARD.map(({ service }) => service))];
    const documents = Object.fromEntries(services.map((service) => [service, documentsOf(folder, service)]));
    const kind = (service: string, name: string) =>
      (documents[service] ?? []).filter(({ key }) => key.startsWith(`default/${service}/${name}/`));
    return {
      said: [...new Map(said.map((message) => [message.attributes["event_id"], titleOf(message)])).values()].toSorted(),
      letters: [...new Set(letters.map(letterOf))].toSorted(),
      inboxes: ofEach(services, (service) =>
        kind(service, "inbox").map(({ value }) => {
          const { event_id } = value as { event_id: string };
          return words.get(event_id) ?? `${event_id}, which nobody said`;
        }),
      ),
      counted: ofEach(services, (service) =>
        kind(service, "tallies").flatMap(({ value }) => (value as { counted: string[] }).counted.map(wordOf)),
      ),
      waiting: [
        ...services.flatMap((service) =>
          [...kind(service, "claims"), ...kind(service, "outbox")].map(({ key }) => key),
        ),
        ...services.flatMap((service) => kind(service, "alarms").flatMap(({ key, due }) => (due ? [key] : []))),
        ...(await backlogs(log)),
      ],
    };
  } finally {
    await log.close();
  }
}

/** A time in it is of its run. */
const wordOf = (title: string): string => title.replace(/^(woken) .*/, "$1");

/** Of a large one the data is elsewhere. */
function titleOf({ data }: StoredMessage): string {
  const read = readEnvelope(JSON.parse(new TextDecoder().decode(data)));
  if (!read.ok) return `unreadable: ${read.problem}`;
  const { data: said, data_ref } = read.value;
  return data_ref === undefined ? wordOf((said as { title: string }).title) : "counted large";
}

const letterOf = ({ attributes }: StoredMessage): string =>
  [attributes["event_id"], attributes["dead_letter_consumer"], attributes["dead_letter_code"]].join(" ");

function ofEach(services: readonly string[], find: (service: string) => readonly string[]) {
  return Object.fromEntries(services.map((service) => [service, find(service).toSorted()]));
}

async function messagesOf(log: MessageLog, subscription: string): Promise<readonly StoredMessage[]> {
  const pending = await log.pending(subscription, 0, 1_000);
  return (await log.read(pending.map(({ sequence }) => sequence))).filter((message) => message !== undefined);
}

async function backlogs(log: MessageLog): Promise<readonly string[]> {
  const depths = await Promise.all(HEARD.map(async ({ name }) => ({ name, ...(await log.backlog(name)) })));
  return depths.flatMap(({ name, depth }) => (depth === 0 ? [] : [`${depth} of ${name}`]));
}

function documentsOf(folder: string, service: string) {
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
