import { setTimeout as delay } from "node:timers/promises";
import { until } from "@contextpilot/testing";
import { areTakenOver, freezeAtWork } from "./freeze-at-work.ts";
import type { Resident } from "./resident.ts";

export interface TroubleOptions {
  readonly residents: readonly Resident[];
  /** In [0, 1). */
  readonly random: () => number;
  readonly minutes: number;
  /** Fills the disk, and gives what empties it again. Undefined: there is none that could be filled. */
  readonly fillDisk: (() => () => void) | undefined;
  readonly onTrouble: (what: string) => void;
  readonly onViolation: (promise: string) => void;
  readonly signal: AbortSignal;
}

const STRIKE_EVERY_MS = 5_000;
const DRAIN_EVERY = 3;
const FREEZE_EVERY = 6;
/** By then there is work to be frozen in. */
const FIRST_FREEZE = 3;
/** A little more than a lease of 20 s. */
const BEYOND_LEASE_MS = 22_000;
/** A little more than most ack deadlines, 60 s. */
const BEYOND_ACK_DEADLINE_MS = 64_000;
/** Who was frozen at work is kept so until another has taken its claim, where there is another. */
const TAKEN_OVER_WITHIN_MS = 60_000;
/** By then it has found that it may not commit; nobody strikes it before. */
const AWAKES_WITHIN_MS = 3_000;
const DISK_FULL_MS = 10_000;
/** A disk is full once in so long, from this share of the run on. */
const DISK_EVERY_MINUTES = 2.5;
const DISK_AT_SHARE = 0.4;

/** Where fewer live, as on a machine that is slow to start them, nobody is struck: a house of the dead shows nothing. */
const AWAKE_SHARE = 0.6;
/** Who waits for another gives up after some seconds. */
const HARD_AFTERWARDS_MS = 10_000;

const isWorker = ({ name }: Resident): boolean => name.startsWith("worker");

export interface Troubles {
  kills: number;
  drains: number;
  freezes: number;
  fullDisks: number;
}

/** Does to processes what happens to processes: every 5 s one is killed, others are told to end, frozen, or find the disk full. */
export class TroubleMaker {
  readonly troubles: Troubles = { kills: 0, drains: 0, freezes: 0, fullDisks: 0 };
  readonly #options: TroubleOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #frozen = new Set<Resident>();
  #diskIsFull = false;
  #isWorkersTurn = true;
  #hardUntil = 0;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Whether a process may have found lately that it cannot write, or that another does not answer. */
  get wasHard(): boolean {
    return this.#diskIsFull || this.#frozen.size > 0 || performance.now() < this.#hardUntil;
  }

  /** Until `isOver`; then everybody lives again, and the disk has room. */
  async run(isOver: () => boolean): Promise<void> {
    const { minutes, signal } = this.#options;
    let nextFullDisk = minutes * DISK_AT_SHARE * 60_000;
    const begin = performance.now();
    for (let strike = 1; !isOver() && !signal.aborted; strike += 1) {
      await delay(STRIKE_EVERY_MS, undefined, { signal });
      this.#begin(this.#kill());
      if (strike % DRAIN_EVERY === 0) this.#begin(this.#drain());
      if (strike % FREEZE_EVERY === FIRST_FREEZE) this.#begin(this.#freeze(this.#isLong(strike, minutes)));
      if (performance.now() - begin < nextFullDisk) continue;
      nextFullDisk += DISK_EVERY_MINUTES * 60_000;
      this.#begin(this.#fillDisk());
    }
    await Promise.all(this.#running);
  }

  #isLong(strike: number, minutes: number): boolean {
    return minutes >= 3 && strike % (2 * FREEZE_EVERY) === FIRST_FREEZE;
  }

  #begin(trouble: Promise<void>): void {
    const { signal, onViolation } = this.#options;
    const settled = trouble.catch((error: unknown) => {
      if (!signal.aborted) onViolation(String(error));
    });
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
  }

  /** By chance. */
  #someone(): Resident | undefined {
    const { residents } = this.#options;
    const awake = residents.filter((resident) => resident.isAwake && !this.#frozen.has(resident));
    if (awake.length < residents.length * AWAKE_SHARE) return undefined;
    return awake[Math.floor(this.#options.random() * awake.length)];
  }

  async #kill(): Promise<void> {
    const resident = this.#someone();
    if (resident === undefined) return;
    this.troubles.kills += 1;
    this.#options.onTrouble(`${resident.name} is killed`);
    await resident.kill();
    await this.#restart(resident);
  }

  async #drain(): Promise<void> {
    const resident = this.#someone();
    if (resident === undefined) return;
    this.troubles.drains += 1;
    this.#options.onTrouble(`${resident.name} is told to end`);
    const wasHard = this.wasHard;
    const end = await resident.drain();
    if (end !== 0 && !wasHard && !this.wasHard) {
      this.#options.onViolation(`${resident.name} was told to end, and ended with ${end}`);
    }
    await this.#restart(resident);
  }

  async #restart(resident: Resident): Promise<void> {
    const { random, signal } = this.#options;
    await delay(random() * 1_000, undefined, { signal });
    await resident.start();
  }

  /** Whoever works under a claim is most worth it: every second one that is frozen is one of those, in the middle of its work. */
  async #freeze(beyondDeadline: boolean): Promise<void> {
    const resident = this.#isWorkersTurn ? this.#someWorker() : this.#someone();
    if (resident === undefined) return;
    const ms = (beyondDeadline ? BEYOND_ACK_DEADLINE_MS : BEYOND_LEASE_MS) + this.#options.random() * 8_000;
    this.#frozen.add(resident);
    try {
      await (this.#isWorkersTurn ? this.#freezeWorker(resident, ms) : this.#freezeAnyhow(resident, ms));
    } finally {
      resident.thaw();
      this.#hardUntil = performance.now() + HARD_AFTERWARDS_MS;
      await delay(AWAKES_WITHIN_MS, undefined, { signal: this.#options.signal });
      this.#frozen.delete(resident);
    }
  }

  async #freezeAnyhow(resident: Resident, ms: number): Promise<void> {
    this.#isWorkersTurn = true;
    resident.freeze();
    this.#tellOfFreeze(resident, ms);
    await delay(ms, undefined, { signal: this.#options.signal });
  }

  /** Also one that is just being started. */
  #someWorker(): Resident | undefined {
    const workers = this.#options.residents.filter((resident) => isWorker(resident) && !this.#frozen.has(resident));
    return workers[Math.floor(this.#options.random() * workers.length)];
  }

  /** Where there are other workers, nobody reaches it meanwhile: so what it had in hand comes to them. */
  async #freezeWorker(worker: Resident, ms: number): Promise<void> {
    const { residents, signal } = this.#options;
    const met = await freezeAtWork(worker);
    if (met === undefined) return;
    this.#isWorkersTurn = false;
    this.#tellOfFreeze(worker, ms);
    const others = residents.filter((each) => each !== worker && isWorker(each));
    if (others.length > 0) worker.cutOff();
    await delay(ms, undefined, { signal });
    if (others.length === 0) return;
    const isTakenOver = (): boolean => signal.aborted || areTakenOver(met, others);
    await until(isTakenOver, "a worker's claim to be taken", { withinMs: TAKEN_OVER_WITHIN_MS, everyMs: 100 }).catch(
      () => {},
    );
  }

  #tellOfFreeze({ name }: Resident, ms: number): void {
    this.troubles.freezes += 1;
    this.#options.onTrouble(`${name} is frozen for ${Math.round(ms / 1_000)} s`);
  }

  async #fillDisk(): Promise<void> {
    const empty = this.#options.fillDisk?.();
    if (empty === undefined) return;
    this.troubles.fullDisks += 1;
    this.#options.onTrouble("the disk is full");
    this.#diskIsFull = true;
    try {
      await delay(DISK_FULL_MS, undefined, { signal: this.#options.signal });
    } finally {
      empty();
      this.#diskIsFull = false;
      this.#hardUntil = performance.now() + HARD_AFTERWARDS_MS;
      this.#options.onTrouble("the disk has room again");
    }
  }
}
