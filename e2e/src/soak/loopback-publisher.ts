import { PublishError, type OutgoingMessage, type Publisher } from "@contextpilot/messaging";

/** Where the bus's process takes messages, and the secret that it asks for. */
export interface LoopbackBus {
  readonly address: string;
  readonly secret: string;
}

/** A message in the body of a request: its bytes as base64. */
export type EncodedMessage = Omit<OutgoingMessage, "data"> & { readonly data: string };

/** A bus that is frozen answers nobody. */
const ANSWER_WITHIN_MS = 10_000;

/** Publishes to a broker in another process of this machine. Whose answer does not come may have been taken. */
export class LoopbackPublisher implements Publisher {
  readonly #bus: LoopbackBus;

  constructor(bus: LoopbackBus) {
    this.#bus = bus;
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    if (messages.length === 0) return [];
    const failed = [...messages.keys()];
    const encoded: readonly EncodedMessage[] = messages.map((message) => ({
      ...message,
      data: Buffer.from(message.data).toString("base64"),
    }));
    const answer = await fetch(`${this.#bus.address}/publish`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#bus.secret}`, "content-type": "application/json" },
      body: JSON.stringify(encoded),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).then(
      async (response) => ({ status: response.status, body: await response.text() }),
      (cause: unknown) => {
        throw new PublishError("the bus's process did not answer", failed, { cause });
      },
    );
    if (answer.status !== 200) throw new PublishError(`the bus's process answered ${answer.status}`, failed);
    return JSON.parse(answer.body) as string[];
  }
}
