import {
  PublishError,
  createReceiver,
  type CommitUnit,
  type Delivery,
  type Handler,
  type Outcome,
  type OutgoingMessage,
  type Publisher,
  type Receive,
  type Store,
} from "@contextpilot/messaging";
import type { Mishaps } from "./mishaps.ts";
import { never, simulatedTime } from "./simulated-time.ts";

/** From a little more than a lease of 20 s to more than an ack deadline of 60 s. */
const FROZEN_MS = { least: 21_000, most: 90_000 };
const SLOW_MS = 15_000;

export interface InstanceParts {
  readonly service: string;
  readonly handlers: readonly Handler[];
  readonly store: Store;
  readonly publisher: Publisher;
  readonly mishaps: Mishaps;
  readonly clockSkewMs: number;
  readonly onCrash: (instance: Instance) => void;
}

/** One process of an agent: it can die at every await of its ports, and be frozen there beyond its leases. */
export class Instance {
  readonly name: string;
  readonly #receive: Receive;
  readonly #parts: InstanceParts;
  readonly #inside = new Set<Promise<Outcome>>();
  #alive = true;
  #frozenUntil = 0;

  constructor(name: string, parts: InstanceParts) {
    this.name = name;
    this.#parts = parts;
    const { service, handlers, clockSkewMs } = parts;
    this.#receive = createReceiver({
      service,
      handlers,
      store: {
        read: (keys) => this.#read(keys),
        commit: (unit) => this.#commit(unit),
        due: (now, limit) => this.#due(now, limit),
      },
      publisher: { publish: (messages) => this.#publish(messages) },
      clock: { now: () => new Date(Date.now() + clockSkewMs) },
    }).receive;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** Deliveries that it is at work on. */
  get running(): number {
    return this.#alive ? this.#inside.size : 0;
  }

  /** Its answer; none ever where it dies first. */
  async receive(delivery: Delivery): Promise<Outcome> {
    const outcome = this.#receive(delivery);
    this.#inside.add(outcome);
    void outcome.finally(() => this.#inside.delete(outcome));
    const answer = await outcome;
    await this.#goOn();
    return answer;
  }

  crash(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#parts.mishaps.note(`${this.name} dies`);
    this.#parts.onCrash(this);
  }

  freeze(): void {
    this.#frozenUntil = Date.now() + FROZEN_MS.least + this.#parts.mishaps.upTo(FROZEN_MS.most - FROZEN_MS.least);
  }

  /** Goes on at once while it lives, later where it is frozen, never where it is dead. */
  async #goOn(): Promise<void> {
    while (this.#alive && Date.now() < this.#frozenUntil) await simulatedTime.sleep(this.#frozenUntil - Date.now());
    if (!this.#alive) await never();
  }

  async #read(keys: Parameters<Store["read"]>[0]): ReturnType<Store["read"]> {
    const { store, mishaps } = this.#parts;
    await this.#before("read");
    if (mishaps.isDown("store")) throw new Error("the store is down");
    const documents = await store.read(keys);
    await this.#goOn();
    return documents;
  }

  async #due(now: Date, limit: number): ReturnType<Store["due"]> {
    await this.#before("read");
    const documents = await this.#parts.store.due(now, limit);
    await this.#goOn();
    return documents;
  }

  async #commit(unit: CommitUnit): Promise<void> {
    const { store, mishaps } = this.#parts;
    const fault = await this.#before("commit");
    if (mishaps.isDown("store")) throw new Error("the store is down");
    await store.commit(unit);
    if (fault === "crash-after") this.crash();
    await this.#goOn();
    if (fault === "answer-lost") throw new Error("the connection was cut before the answer");
  }

  async #publish(messages: readonly OutgoingMessage[]): Promise<readonly string[]> {
    const { publisher, mishaps } = this.#parts;
    const fault = await this.#before("publish");
    if (mishaps.isDown("bus")) throw refused(messages, 0);
    if (fault === "half") {
      const taken = Math.floor(messages.length / 2);
      await publisher.publish(messages.slice(0, taken));
      throw refused(messages, taken);
    }
    const ids = await publisher.publish(messages);
    if (fault === "crash-after") this.crash();
    await this.#goOn();
    if (fault === "answer-lost") throw refused(messages, 0);
    return ids;
  }

  async #before<P extends "read" | "commit" | "publish">(place: P) {
    const { mishaps } = this.#parts;
    const fault = mishaps.at(place, this.name);
    if (fault === "crash") this.crash();
    if (fault === "freeze") this.freeze();
    if (mishaps.random() < 0.3) await simulatedTime.sleep(mishaps.upTo(200));
    if (fault === "slow") await simulatedTime.sleep(SLOW_MS);
    await this.#goOn();
    if (fault === "fails")
      throw place === "publish" ? refused([], 0) : new Error(`the store does not take the ${place}`);
    return fault;
  }
}

function refused(messages: readonly OutgoingMessage[], from: number): PublishError {
  return new PublishError(
    "the bus is down",
    messages.map((_, index) => index).filter((index) => index >= from),
  );
}
