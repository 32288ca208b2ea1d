import { readEnvelope, type Envelope } from "@contextpilot/events";
import { PublishError, parseStrictJson, type OutgoingMessage, type Publisher } from "@contextpilot/messaging";

/** A bus that takes every message, remembers it and delivers none. `refuse` makes it refuse what it is given from then on. */
export class RecordingPublisher implements Publisher {
  readonly messages: OutgoingMessage[] = [];
  #refusing = false;

  publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (this.#refusing) {
      return Promise.reject(
        new PublishError(
          "the bus is down",
          messages.map((_, index) => index),
        ),
      );
    }
    const first = this.messages.length + 1;
    this.messages.push(...messages);
    return Promise.resolve(messages.map((_, index) => String(first + index)));
  }

  /** From now on every publish is refused (or taken again). */
  refuse(refusing = true): void {
    this.#refusing = refusing;
  }

  /** The events among the messages, dead letters left out. */
  get events(): readonly Envelope[] {
    return this.messages.filter(({ topic }) => !topic.endsWith("-dlq")).map(eventIn);
  }

  /** The messages on dead-letter topics. */
  get deadLetters(): readonly OutgoingMessage[] {
    return this.messages.filter(({ topic }) => topic.endsWith("-dlq"));
  }
}

function eventIn(message: OutgoingMessage): Envelope {
  const read = readEnvelope(parseStrictJson(message.data));
  if (!read.ok) throw new TypeError(`not an event: ${read.path}: ${read.problem}`);
  return read.value;
}
