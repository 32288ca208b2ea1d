/** What a bus has done since it was made. Types are written as they were published, with their version. */
export interface BusStats {
  /** Event types that were published. */
  readonly total_event_types: number;
  /** Handlers that hear now. */
  readonly total_subscribers: number;
  /** Events published, by type. */
  readonly event_counts: Readonly<Record<string, number>>;
  /** Failures of handlers, each attempt counted, by type. */
  readonly error_counts: Readonly<Record<string, number>>;
  /** Events published. */
  readonly total_events: number;
  /** The same as `event_counts`. */
  readonly events_by_type: Readonly<Record<string, number>>;
  /** Subscriptions that are heard now; a group of handlers shares one. */
  readonly active_subscribers: number;
  /** Handlers that ever subscribed. */
  readonly registered_handlers: number;
  /** Events that no handler of a subscription could handle. */
  readonly dead_letters: number;
  /** Deliveries set aside because the event's ttl_seconds was over. */
  readonly expired_events: number;
}

/** Counts by type, in a Map: a type may have any name. */
export class Counter {
  readonly #counts = new Map<string, number>();

  add(type: string): void {
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
  }

  get types(): number {
    return this.#counts.size;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  toRecord(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
