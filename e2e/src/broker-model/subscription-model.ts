import { PRIORITIES, type Priority } from "@contextpilot/events";
import type { Shape } from "./plan.ts";

/** How a subscription of the model waits, in seconds. */
export const ACK_DEADLINE = 10;
export const RETRY = { minimumSeconds: 10, maximumSeconds: 40 } as const;
export const MAX_ATTEMPTS = 3;

interface Message {
  readonly number: number;
  readonly key: string | undefined;
  readonly priority: Priority;
  readonly publishedAt: number;
  /** The subscription still has to get it. */
  isPending: boolean;
  /** It was acked or dropped, and a seek can bring it again. */
  isRetained: boolean;
  /** Deliveries that failed. */
  attempts: number;
  /** Failures that the log knows of: none of what a seek brought back, even while somebody has it in hand. */
  attemptsOnDisk: number;
  /** In the order of publication, as long as it was not delivered since it came, or came again. */
  isFresh: boolean;
  waitsUntil: number;
  /** When its lease ends; undefined: it has none. */
  leasedUntil: number | undefined;
}

/**
 * What a subscription promises, over a plain list, in seconds. It does not say which message comes next, but which may: it is told
 * what was delivered and says what is wrong with that.
 */
export class SubscriptionModel {
  readonly #shape: Shape;
  readonly #messages: Message[] = [];
  /** The message that its key waits for, also between its deliveries. */
  #holders = new Map<string, Message>();
  #isPaused = false;
  #now = 0;
  /** Numbers of dead letters. */
  readonly dead: number[] = [];

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  get depth(): number {
    return this.#messages.filter(({ isPending }) => isPending).length;
  }

  get outstanding(): number {
    return this.#messages.filter(({ leasedUntil }) => leasedUntil !== undefined).length;
  }

  publish(key: string | undefined, priority: Priority): void {
    const state = { isPending: true, isRetained: false, attempts: 0, attemptsOnDisk: 0, isFresh: true, waitsUntil: 0 };
    const number = this.#messages.length;
    this.#messages.push({ number, key, priority, publishedAt: this.#now, ...state, leasedUntil: undefined });
  }

  /** A second has passed. */
  tick(): void {
    this.#now += 1;
    const { ttlSeconds = Infinity } = this.#shape;
    for (const message of this.#messages) {
      if (this.#now - message.publishedAt <= ttlSeconds) continue;
      this.#takeOff(message);
      message.isRetained = false;
    }
    for (const message of this.#messages) {
      if (message.leasedUntil !== undefined && message.leasedUntil <= this.#now) this.#settle(message, "nack");
    }
  }

  /** An answer to a delivery that still had its lease. */
  answer(number: number, answer: "ack" | "nack"): void {
    const message = this.#messages[number];
    if (message !== undefined) this.#settle(message, answer);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** All is gone, in hand or not. */
  purge(): void {
    for (const message of this.#messages) this.#drop(message);
  }

  seek(secondsAgo: number): void {
    const from = this.#now - secondsAgo;
    this.#holders.clear();
    for (const message of this.#messages) {
      if (message.publishedAt < from) this.#drop(message);
      else if (message.isRetained) {
        message.isRetained = false;
        message.isPending = true;
        message.attemptsOnDisk = 0;
      }
      if (message.leasedUntil === undefined) this.#comesAnew(message);
      else this.#hold(message);
    }
  }

  /** What was outstanding, waited or was paused is delivered at once; only what failed is still known. */
  restart(): void {
    this.#isPaused = false;
    this.#holders.clear();
    for (const message of this.#messages) {
      message.leasedUntil = undefined;
      message.attempts = message.attemptsOnDisk;
      this.#comesAnew(message);
    }
  }

  /** What is wrong with a delivery that was made; undefined where nothing is. */
  deliver(number: number, attempt: number | undefined): string | undefined {
    const message = this.#messages[number];
    const problem = message === undefined ? "was never published" : this.#problemOf(message, attempt);
    if (message !== undefined) {
      message.isFresh = false;
      message.leasedUntil = this.#now + ACK_DEADLINE;
      this.#hold(message);
    }
    return problem === undefined ? undefined : `message ${number}, delivery ${attempt ?? "uncounted"}: ${problem}`;
  }

  #problemOf(message: Message, attempt: number | undefined): string | undefined {
    if (this.#isPaused) return "the subscription is paused";
    if (message.leasedUntil !== undefined) return "it is delivered already";
    if (!message.isPending) return "nobody has to get it";
    if (message.waitsUntil > this.#now) return `it waits for another ${message.waitsUntil - this.#now} s`;
    if (!this.#isDue(message)) return "another of its key comes before";
    if (attempt !== undefined && attempt !== message.attempts + 1) return `it failed ${message.attempts} times`;
    if (this.outstanding >= this.#shape.maxOutstanding) return "too many are outstanding";
    return this.#overtaken(message);
  }

  #overtaken(message: Message): string | undefined {
    const due = this.#messages.filter((other) => this.#isDue(other));
    const { kind } = this.#shape;
    const rank = ({ priority }: Message): number => PRIORITIES.indexOf(priority);
    if (kind === "by priority") {
      const more = due.find((other) => rank(other) > rank(message));
      if (more !== undefined) return `message ${more.number} is of higher priority`;
    }
    // What waited for its key queues up when the key is free: there is no order between keys.
    if (kind === "ordered" || !message.isFresh) return undefined;
    const before = due.find((other) => {
      const sameLane = kind === "plain" || rank(other) === rank(message);
      return other.isFresh && sameLane && other.number < message.number;
    });
    return before === undefined ? undefined : `message ${before.number} was published before`;
  }

  /** Something that should have been delivered by now. */
  get forgotten(): string | undefined {
    if (this.#isPaused || this.outstanding >= this.#shape.maxOutstanding) return undefined;
    const due = this.#messages.find((message) => this.#isDue(message));
    return due === undefined ? undefined : `message ${due.number} could be delivered and is not`;
  }

  #isDue(message: Message): boolean {
    const { isPending, leasedUntil, waitsUntil, key, number } = message;
    if (!isPending || leasedUntil !== undefined || waitsUntil > this.#now) return false;
    if (this.#shape.kind !== "ordered" || key === undefined) return true;
    const holder = this.#holders.get(key);
    if (holder !== undefined) return holder === message;
    return !this.#messages.some((other) => other.key === key && other.isPending && other.number < number);
  }

  #settle(message: Message, answer: "ack" | "nack"): void {
    message.leasedUntil = undefined;
    if (!message.isPending) this.#letGo(message);
    else if (answer === "ack") {
      message.isRetained = this.#shape.retainAcked;
      this.#takeOff(message);
    } else {
      message.attempts += 1;
      message.attemptsOnDisk = message.attempts;
      if (this.#shape.deadLetters && message.attempts >= MAX_ATTEMPTS) {
        this.dead.push(message.number);
        this.#takeOff(message);
      } else {
        const { minimumSeconds, maximumSeconds } = RETRY;
        message.waitsUntil = this.#now + Math.min(minimumSeconds * 2 ** (message.attempts - 1), maximumSeconds);
      }
    }
  }

  /** Dropped by somebody, not by its age. */
  #drop(message: Message): void {
    if (message.isPending) message.isRetained = this.#shape.retainAcked;
    this.#takeOff(message);
  }

  /** In somebody's hands it holds its key until it is answered. */
  #takeOff(message: Message): void {
    message.isPending = false;
    if (message.leasedUntil === undefined) this.#letGo(message);
  }

  /** It is listed with all others, in the order of publication; its failures count on. */
  #comesAnew(message: Message): void {
    message.isFresh = true;
    message.waitsUntil = 0;
  }

  #hold(message: Message): void {
    if (message.key !== undefined) this.#holders.set(message.key, message);
  }

  #letGo(message: Message): void {
    message.attempts = 0;
    message.attemptsOnDisk = 0;
    if (message.key !== undefined && this.#holders.get(message.key) === message) this.#holders.delete(message.key);
  }
}
