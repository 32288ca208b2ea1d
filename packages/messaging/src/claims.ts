import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { MessageError } from "./error.ts";
import type { Clock } from "./ports/clock.ts";
import { Conflict, type DocumentChange, type Store, type StoredDocument } from "./ports/store.ts";

/** A claim whose owner has not renewed it for so long has lapsed: its process ended, or lost its store. */
export const LEASE_MS = 20_000;
/** How often a second delivery looks whether the first has ended. */
const LOOK_AGAIN_MS = 100;

interface ClaimValue {
  readonly owner: string;
  readonly until: string;
}

/** Exclusive claims over a store: of those who want the same, one works at a time, in all processes. */
export class Claims {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #leaseMs: number;

  constructor(store: Store, clock: Clock, leaseMs: number = LEASE_MS) {
    this.#store = store;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  /**
   * Takes the claim, waiting up to `waitMs` for who holds it, and works under it; the work commits its release. It is given back
   * when the work fails; when the work outran its time limit it is left to lapse, because the work may still go on. Throws
   * MessageError `claim-held`.
   */
  async hold<T>(key: string, waitMs: number, work: (claim: Claim) => Promise<T>): Promise<T> {
    const claim = await this.#take(key, waitMs);
    try {
      return await work(claim);
    } catch (error) {
      if (!(error instanceof MessageError && error.code === "time-limit")) await this.giveBack(claim);
      throw error;
    } finally {
      await claim.stopRenewing();
    }
  }

  /** Gives a claim back for which no commit does: the next one need not wait for its lease. Never rejects. */
  async giveBack(claim: Claim): Promise<void> {
    await claim.stopRenewing();
    try {
      await this.#store.commit({ documents: [claim.release()] });
    } catch {
      // It lapses by itself.
    }
  }

  async #take(key: string, waitMs: number): Promise<Claim> {
    const end = performance.now() + waitMs;
    for (;;) {
      const [held] = await this.#store.read([key]);
      const claim = isFree(held, this.#clock.now()) ? await this.#tryToTake(key, held?.version) : undefined;
      if (claim !== undefined) return claim;
      const left = end - performance.now();
      if (left <= 0) throw MessageError.retryable("claim-held", "another delivery is at work on it", { claim: key });
      await delay(Math.min(LOOK_AGAIN_MS, left));
    }
  }

  async #tryToTake(key: string, expected: string | undefined): Promise<Claim | undefined> {
    const claim = new Claim(key, { store: this.#store, clock: this.#clock, leaseMs: this.#leaseMs });
    try {
      await claim.take(expected);
      return claim;
    } catch (error) {
      if (error instanceof Conflict) return undefined; // another was faster
      throw error;
    }
  }
}

/** A claim that is held: renewed in the background until the work commits its release, or fails. */
export class Claim {
  readonly #key: string;
  readonly #owner = randomUUID();
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #lost = new AbortController();
  #version: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(key: string, options: { readonly store: Store; readonly clock: Clock; readonly leaseMs: number }) {
    this.#key = key;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#leaseMs = options.leaseMs;
  }

  /** Aborts when the claim could not be renewed: another may be at work. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Takes the claim as it was read, and begins to renew it. Throws Conflict where another was faster. */
  async take(expected: string | undefined): Promise<void> {
    await this.#write(expected);
    this.#schedule();
  }

  /** The change that gives the claim back; a commit with it fails with Conflict where the claim is another's by now. */
  release(): DocumentChange {
    return { key: this.#key, expected: this.#version, change: { kind: "delete" } };
  }

  /** Renews no more. To be awaited before {@link release} is committed. */
  async stopRenewing(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#renewing;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#renewing = this.#renew();
    }, this.#leaseMs / 3);
  }

  async #renew(): Promise<void> {
    try {
      await this.#write(this.#version);
      if (this.#timer !== undefined) this.#schedule();
    } catch (cause) {
      this.#lost.abort(
        MessageError.retryable("claim-lost", "its claim could not be renewed", { claim: this.#key }, { cause }),
      );
    }
  }

  async #write(expected: string | undefined): Promise<void> {
    const until = new Date(this.#clock.now().getTime() + this.#leaseMs).toISOString();
    const value: ClaimValue = { owner: this.#owner, until };
    const change = { kind: "set", value } as const;
    await this.#store.commit({ documents: [{ key: this.#key, expected, change, expiresAt: until }] });
    const [written] = await this.#store.read([this.#key]);
    // Between the two another may have taken it, where this process slept past the lease.
    if ((written?.value as ClaimValue | undefined)?.owner !== this.#owner) throw new Conflict(this.#key);
    this.#version = written?.version;
  }
}

function isFree(document: StoredDocument | undefined, now: Date): boolean {
  const value = document?.value as ClaimValue | undefined;
  return value === undefined || Date.parse(value.until) <= now.getTime();
}
