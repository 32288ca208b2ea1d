import type { Logger } from "@contextpilot/agent-host";
import { systemClock, type Clock } from "@contextpilot/messaging";
import type { PlacedEvent } from "./firestore/firestore-events.ts";
import { placeAt } from "./firestore/places.ts";
import type { Follow } from "./follow-events.ts";
import type { FeedEntry } from "./take-delivery.ts";

/** Where what another process keeps can be asked for. */
export interface EventTail {
  eventsAfter(tenantId: string, place: number): Promise<readonly PlacedEvent[]>;
}

export interface FollowStoreOptions {
  readonly tenant: string;
  readonly logger: Logger;
  /** How long after one look comes the next, while somebody follows. Default: 1,000. */
  readonly everyMs?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * An event's place is that of its arrival, and its commit may come later than those of events after it: by Firestore's time for a
 * commit at most, and by what clocks differ. So far back each look goes.
 */
const LOOK_BACK_MS = 15_000;

/**
 * Tells who follows of each event that another process keeps, about a second later; looks only while somebody follows, once for all
 * of them. A look that fails is made again, and what was kept meanwhile is told then.
 */
export class StoreFollower {
  readonly #tail: EventTail;
  readonly #options: FollowStoreOptions;
  readonly #clock: Clock;
  readonly #listeners = new Set<(entry: FeedEntry) => void>();
  /** Events that need not be told, by their ids, with their places: those within the next look back. */
  readonly #known = new Map<string, number>();
  #lookFrom = 0;
  #timer: NodeJS.Timeout | undefined;
  #beginning: Promise<void> | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(tail: EventTail, options: FollowStoreOptions) {
    this.#tail = tail;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Resolves when nothing that is kept from then on is missed. Rejects where the store cannot be asked. */
  readonly follow: Follow = async (listener) => {
    let begun = false;
    const own = (entry: FeedEntry): void => {
      if (begun) listener(entry);
    };
    const stop = (): void => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#end();
    };
    this.#listeners.add(own);
    try {
      await (this.#beginning ??= this.#begin());
    } catch (thrown) {
      this.#beginning = undefined;
      stop();
      throw thrown;
    }
    begun = true;
    return stop;
  };

  /** Tells nobody anything any more. Resolves when the last look has ended. */
  async close(): Promise<void> {
    this.#listeners.clear();
    this.#end();
    await this.#looking;
  }

  /** What is there already is not told. */
  async #begin(): Promise<void> {
    await this.#looking; // of those who followed before, and went away meanwhile
    await this.#look(() => undefined);
    this.#wait();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#beginning = undefined;
    this.#known.clear();
    this.#lookFrom = 0;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#lookAgain();
    }, this.#options.everyMs ?? 1_000);
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.#look((entry) => this.#tell(entry));
    } catch (err) {
      this.#options.logger.warn({ err }, "what is new could not be asked for");
    }
    this.#wait();
  }

  async #look(tell: (entry: FeedEntry) => void): Promise<void> {
    const now = this.#clock.now().getTime();
    const back = placeAt(new Date(now - LOOK_BACK_MS).toISOString());
    const found = await this.#tail.eventsAfter(this.#options.tenant, this.#lookFrom === 0 ? back : this.#lookFrom);
    for (const { event, seen_at, place } of found) {
      if (this.#known.has(event.event_id)) continue;
      this.#known.set(event.event_id, place);
      tell({ kind: "event", event, seen_at });
    }
    this.#lookFrom = back;
    for (const [id, place] of this.#known) if (place <= back) this.#known.delete(id);
  }

  #tell(entry: FeedEntry): void {
    for (const listener of this.#listeners) {
      try {
        listener(entry);
      } catch (err) {
        this.#options.logger.error({ err }, "a listener could not be told");
      }
    }
  }
}
