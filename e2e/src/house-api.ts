import type { Envelope } from "@contextpilot/events";
import { until } from "@contextpilot/testing";

interface Page<T> {
  readonly items: readonly T[];
}

export interface DeadLetter {
  readonly dead_letter_id: string;
  readonly consumer: string;
  readonly code: string;
  readonly reason: string;
  readonly message_id?: string;
}

/** What people see of a house, asked of its web API. */
export class HouseApi {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The answer's body; rejects where it is no 200. */
  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** The events of a family, all without one (500 at most); the one seen last at the end. */
  async events(family?: string): Promise<readonly Envelope[]> {
    const type = family === undefined ? "" : `&type=${family}`;
    const { items } = await this.get<Page<{ event: Envelope }>>(`/api/events?limit=500${type}`);
    return items.map(({ event }) => event).toReversed();
  }

  /** Waits until so many events of a family were seen, and gives them. */
  async untilEvents(family: string, count: number, withinMs = 30_000): Promise<readonly Envelope[]> {
    let seen: readonly Envelope[] = [];
    await until(
      async () => (seen = await this.events(family)).length >= count,
      () => `${count} events ${family}, there were ${seen.length}`,
      { withinMs, everyMs: 50 },
    );
    return seen;
  }

  /** The newest 500 at most. */
  async deadLetters(): Promise<readonly DeadLetter[]> {
    return (await this.get<Page<DeadLetter>>("/api/dead-letters?limit=500")).items;
  }
}
