import {
  MemoryLog,
  type Backlog,
  type BrokerSubscription,
  type MessageLog,
  type NewMessage,
  type Pending,
  type Settled,
  type StoredMessage,
} from "@contextpilot/broker";
import type { Mishaps } from "./mishaps.ts";
import { never, simulatedTime } from "./simulated-time.ts";

/** As the log over SQLite: acks and failure counts are written together, so long after they came at the latest. */
const SETTLED_AFTER_MS = 50;

interface Written {
  /** A crash at this time or later finds it. */
  readonly durableAt: number;
  readonly redo: (log: MemoryLog) => void;
}

/** What is on the broker's disk, in its order: a process that starts finds as much of it as had become durable. */
export class SimulatedDisk {
  #written: Written[] = [];

  write(redo: Written["redo"], durableAt: number): void {
    this.#written.push({ durableAt, redo });
  }

  /** A process ends in order: it writes the rest. */
  flush(): void {
    this.#written = this.#written.map(({ redo }) => ({ durableAt: 0, redo }));
  }

  /** A process died: what was not durable is gone. */
  lose(): void {
    const now = Date.now();
    this.#written = this.#written.filter(({ durableAt }) => durableAt <= now);
  }

  read(): MemoryLog {
    const log = new MemoryLog();
    for (const { redo } of this.#written) redo(log);
    return log;
  }
}

/**
 * The log of one process of the broker. The process can die at each of its awaits: then it hears nothing more, what was not durable is
 * gone, and `onCrash` is told.
 */
export class SimulatedLog implements MessageLog {
  readonly #disk: SimulatedDisk;
  readonly #log: MemoryLog;
  readonly #mishaps: Mishaps;
  readonly #onCrash: () => void;
  #alive = true;

  constructor(disk: SimulatedDisk, mishaps: Mishaps, onCrash: () => void) {
    this.#disk = disk;
    this.#log = disk.read();
    this.#mishaps = mishaps;
    this.#onCrash = onCrash;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  get last(): number {
    return this.#log.last;
  }

  async append(messages: readonly NewMessage[], settles?: Settled): Promise<readonly number[]> {
    const fault = await this.#before("append");
    const sequences = await this.#log.append(messages, settles);
    this.#keep((log) => {
      for (const [place, message] of messages.entries()) log.keep(message, sequences[place] ?? 0);
      if (settles !== undefined) log.ack(settles.subscription, settles.sequence);
    });
    if (fault === "crash-after") await this.#die();
    return sequences;
  }

  ack(subscription: string, sequence: number, retain?: boolean): void {
    if (!this.#alive) return;
    this.#log.ack(subscription, sequence, retain);
    this.#keepSoon((log) => log.ack(subscription, sequence, retain));
  }

  nack(subscription: string, sequence: number, attempts: number): void {
    if (!this.#alive) return;
    this.#log.nack(subscription, sequence, attempts);
    this.#keepSoon((log) => log.nack(subscription, sequence, attempts));
  }

  async pending(subscription: string, after: number, limit: number): Promise<readonly Pending[]> {
    await this.#before("pending");
    return this.#log.pending(subscription, after, limit);
  }

  async read(sequences: readonly number[]): Promise<readonly (StoredMessage | undefined)[]> {
    await this.#before("read");
    return this.#log.read(sequences);
  }

  async backlog(subscription: string): Promise<Backlog> {
    await this.#before("backlog");
    return this.#log.backlog(subscription);
  }

  /** {@link SimulatedLog.backlog}, for who looks from outside. */
  backlogNow(subscription: string): Backlog {
    return this.#log.backlogNow(subscription);
  }

  async drop(subscription: string, below: number, retain?: boolean): Promise<number> {
    await this.#before("drop");
    this.#keep((log) => void log.drop(subscription, below, retain));
    return this.#log.drop(subscription, below, retain);
  }

  async restore(subscription: string, from: number): Promise<number> {
    await this.#before("restore");
    this.#keep((log) => void log.restore(subscription, from));
    return this.#log.restore(subscription, from);
  }

  subscriptions(): readonly BrokerSubscription[] {
    return [];
  }

  async save(): Promise<void> {
    throw new Error("the simulation makes no subscriptions at run time");
  }

  async forget(): Promise<void> {
    throw new Error("the simulation takes no subscriptions away");
  }

  async close(): Promise<void> {
    this.#alive = false;
    this.#disk.flush();
  }

  #keep(redo: Written["redo"]): void {
    this.#disk.write(redo, Date.now());
  }

  #keepSoon(redo: Written["redo"]): void {
    this.#disk.write(redo, Date.now() + SETTLED_AFTER_MS);
  }

  async #before(call: string): Promise<"crash-after" | undefined> {
    if (!this.#alive) return never();
    const fault = this.#mishaps.at("log", call);
    if (fault === "crash" || (fault === "crash-after" && call !== "append")) await this.#die();
    return fault === "crash-after" ? fault : undefined;
  }

  /** In a moment, in which others may go on by what they were told. */
  async #die(): Promise<never> {
    await simulatedTime.sleep(1);
    if (this.#alive) {
      this.#alive = false;
      this.#disk.lose();
      this.#mishaps.note("the bus dies");
      this.#onCrash();
    }
    return never();
  }
}
