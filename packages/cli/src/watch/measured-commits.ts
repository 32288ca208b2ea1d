import { EventEmitter, once } from "node:events";
import type { SeenEvent } from "@contextpilot/dashboard";
import type { HouseApi } from "../commands/house-api.ts";

/** When nothing of a chain was measured for so long, all of it had been before, or somebody is down: nobody waits for the rest. */
const QUIET_MS = 3000;
const FOLLOWING = "following";
const EACH = "each";

/** Counts the commits that a house measures, by their chains, until it is disposed of. A house that ends meanwhile is a CommandError then. */
export class MeasuredCommits implements AsyncDisposable {
  /** Aborts when nothing is counted any more. */
  readonly signal: AbortSignal;
  /** Of all chains that are expected. */
  total = 0;
  readonly #ending = new AbortController();
  readonly #counted = new EventEmitter();
  readonly #counts = new Map<string, number>();
  readonly #following: Promise<void>;

  private constructor(house: HouseApi, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#ending.signal]);
    this.#following = this.#follow(house).finally(() => this.#ending.abort());
    this.#following.catch(() => undefined); // whoever disposes of it hears of it
  }

  /** Counts from now on, until the signal aborts. */
  static async of(house: HouseApi, signal: AbortSignal): Promise<MeasuredCommits> {
    const measured = new MeasuredCommits(house, signal);
    await once(measured.#counted, FOLLOWING, { signal: measured.signal }).catch(() => undefined);
    return measured;
  }

  /** Counts this chain's too. */
  expect(chain: string): void {
    if (!this.#counts.has(chain)) this.#counts.set(chain, 0);
  }

  /** Called with the total when another commit was measured. */
  onEach(listener: (total: number) => void): void {
    this.#counted.on(EACH, () => listener(this.total));
  }

  /** Resolves when so many of the chain were measured, when nothing more of it is, or when nothing is counted any more. */
  async reaches(chain: string, count: number): Promise<void> {
    while ((this.#counts.get(chain) ?? 0) < count) {
      const signal = AbortSignal.any([this.signal, AbortSignal.timeout(QUIET_MS)]);
      const came = await once(this.#counted, chain, { signal }).catch(() => undefined);
      if (came === undefined) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#following;
  }

  async #follow(house: HouseApi): Promise<void> {
    const type = "context.update";
    for await (const seen of house.follow<SeenEvent>("/events/follow", { type }, this.signal)) {
      if (seen === undefined) {
        this.#counted.emit(FOLLOWING);
        continue;
      }
      const { correlation_id } = seen.event;
      const count = this.#counts.get(correlation_id);
      if (count === undefined) continue;
      this.#counts.set(correlation_id, count + 1);
      this.total += 1;
      this.#counted.emit(correlation_id);
      this.#counted.emit(EACH);
    }
  }
}
