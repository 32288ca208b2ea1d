import type { PubSub, PublishOptions, Topic } from "@google-cloud/pubsub";
import type { OutgoingMessage } from "@contextpilot/messaging";
import { KeyWindows, type Ended } from "./key-windows.ts";

/** A house has some twenty; a program that names topics by its data does not grow for ever. */
const MAX_TOPICS = 100;

interface OpenTopic {
  readonly topic: Topic;
  readonly windows: KeyWindows;
  /** Messages on their way. */
  outstanding: number;
}

/** The SDK's topics, each once: a topic's object holds its batches and the order of its keys. */
export class OpenTopics {
  readonly #options: PublishOptions;
  /** The one that was used longest ago first. */
  readonly #open = new Map<string, OpenTopic>();

  constructor(options: PublishOptions) {
    this.#options = options;
  }

  /** Says once how it ended: with the message's id, or why not. Messages of one key are sent in the order of the calls. */
  publish(pubsub: PubSub, message: OutgoingMessage, ended: Ended): void {
    const open = this.#take(pubsub, message.topic);
    open.outstanding += 1;
    if (this.#open.size > MAX_TOPICS) this.#forgetOne();
    const left: Ended = (reason, id) => {
      open.outstanding -= 1;
      ended(reason, id);
    };
    if (!message.orderingKey) return send(open.topic, message, left);
    const bytes = message.data.byteLength;
    open.windows.publish(message.orderingKey, bytes, (sent) => send(open.topic, message, sent), left);
  }

  #take(pubsub: PubSub, name: string): OpenTopic {
    const open = this.#open.get(name) ?? {
      topic: pubsub.topic(name, this.#options),
      windows: new KeyWindows(),
      outstanding: 0,
    };
    this.#open.delete(name);
    this.#open.set(name, open);
    return open;
  }

  /** A topic with messages on their way must stay: another object for it would not know their order. */
  #forgetOne(): void {
    for (const [name, { outstanding }] of this.#open) {
      if (outstanding > 0) continue;
      this.#open.delete(name);
      return;
    }
  }
}

/** A promise for each message, as the client offers, would cost more than all that we do for it. */
function send(topic: Topic, { data, attributes, orderingKey }: OutgoingMessage, ended: Ended): void {
  topic.publishMessage({ data, attributes, ...(orderingKey && { orderingKey }) }, (error, id) =>
    ended(error ?? undefined, id ?? ""),
  );
}
