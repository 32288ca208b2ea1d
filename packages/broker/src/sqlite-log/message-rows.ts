import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Attributes } from "@contextpilot/events";
import type { StoredMessage } from "../message-log.ts";
import { RecentMessages } from "./recent-messages.ts";

/** The messages themselves, each once; those appended last are still in memory when their subscriptions read them. */
export class MessageRows {
  readonly #statements;
  readonly #recent = new RecentMessages();
  /** The highest sequence that the file has had a message of when it was opened; 0 without one. */
  readonly last: number;

  constructor(database: DatabaseSync) {
    this.#statements = {
      insert: database.prepare(
        "INSERT INTO messages (sequence, topic, publish_time, ordering_key, attributes, data) VALUES (?, ?, ?, ?, ?, ?)",
      ),
      read: database.prepare(
        "SELECT topic, publish_time, ordering_key, attributes, data FROM messages WHERE sequence = ?",
      ),
    };
    this.last = Number(database.prepare("SELECT max(sequence) AS last FROM messages").get()?.["last"]);
  }

  insert(message: StoredMessage): void {
    const { sequence, topic, publishTime, orderingKey = null, attributes, data } = message;
    this.#statements.insert.run(sequence, topic, publishTime, orderingKey, JSON.stringify(attributes), data);
    this.#recent.add(message);
  }

  recent(sequence: number): StoredMessage | undefined {
    return this.#recent.get(sequence);
  }

  read(sequence: number): StoredMessage | undefined {
    const row = this.#statements.read.get(sequence);
    if (row === undefined) return undefined;
    return {
      sequence,
      topic: String(row["topic"]),
      publishTime: String(row["publish_time"]),
      orderingKey: textOrNone(row["ordering_key"]),
      attributes: JSON.parse(String(row["attributes"])) as Attributes,
      data: row["data"] instanceof Uint8Array ? row["data"] : new Uint8Array(),
    };
  }
}

export function textOrNone(value: SQLOutputValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
