import type { PubSub, PublishOptions, Topic } from "@google-cloud/pubsub";
import type { OutgoingMessage } from "@contextpilot/messaging";

/** A house has some twenty; a program that names topics by its data does not grow for ever. */
const MAX_TOPICS = 100;

interface OpenTopic {
  readonly topic: Topic;
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

  /** Resolves with the message's id. Messages of one key are sent in the order of the calls. */
  async publish(pubsub: PubSub, { topic, data, attributes, orderingKey }: OutgoingMessage): Promise<string> {
    const open = this.#take(pubsub, topic);
    open.outstanding += 1;
    if (this.#open.size > MAX_TOPICS) this.#forgetOne();
    try {
      return await open.topic.publishMessage({ data, attributes, ...(orderingKey && { orderingKey }) });
    } finally {
      open.outstanding -= 1;
    }
  }

  #take(pubsub: PubSub, name: string): OpenTopic {
    const open = this.#open.get(name) ?? { topic: pubsub.topic(name, this.#options), outstanding: 0 };
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
