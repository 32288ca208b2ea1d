import type { Pending } from "./message-log.ts";

interface Item {
  readonly sequence: number;
  readonly orderingKey: string | undefined;
  attempts: number;
  removed: boolean;
}

/** What one subscription has to get, in order of sequence. Removing marks; once half of the list is marks, they are swept out. */
export class PendingList {
  #items: Item[] = [];
  #removed = 0;

  get size(): number {
    return this.#items.length - this.#removed;
  }

  /** The lowest sequence. */
  get first(): number | undefined {
    return this.#items.find((item) => !item.removed)?.sequence;
  }

  /** Sequences come in rising order. */
  add(sequence: number, orderingKey: string | undefined): void {
    this.#items.push({ sequence, orderingKey, attempts: 0, removed: false });
  }

  /** Takes in others in their places, as if they had never been delivered. */
  merge(others: readonly Pending[]): void {
    const items = others.map(({ sequence, orderingKey }) => ({ sequence, orderingKey, attempts: 0, removed: false }));
    // A mark could stand in the place of one that comes back.
    this.#sweep();
    const [only, ...more] = items;
    // One alone comes for each ack that is retained, and belongs at the end or near it.
    if (only !== undefined && more.length === 0) this.#items.splice(this.#placeAfter(only.sequence), 0, only);
    else this.#items = [...this.#items, ...items].sort((a, b) => a.sequence - b.sequence);
  }

  /** What was there, if it was. */
  remove(sequence: number): Pending | undefined {
    const item = this.#find(sequence);
    if (item === undefined) return undefined;
    item.removed = true;
    if (++this.#removed * 2 > this.#items.length + 64) this.#sweep();
    return item;
  }

  #sweep(): void {
    if (this.#removed === 0) return;
    this.#items = this.#items.filter((item) => !item.removed);
    this.#removed = 0;
  }

  /** Takes out all from one sequence (included) to another (not included). */
  removeRange(from: number, to: number): readonly Pending[] {
    const start = this.#placeAfter(from - 1);
    const taken = this.#items.splice(start, this.#placeAfter(to - 1) - start);
    const there = taken.filter((item) => !item.removed);
    this.#removed -= taken.length - there.length;
    return there;
  }

  count(sequence: number, attempts: number): void {
    const item = this.#find(sequence);
    if (item !== undefined) item.attempts = attempts;
  }

  after(sequence: number, limit: number): Pending[] {
    const page: Pending[] = [];
    for (let place = this.#placeAfter(sequence); place < this.#items.length && page.length < limit; place++) {
      const item = this.#items[place];
      if (item !== undefined && !item.removed) page.push(item);
    }
    return page;
  }

  #find(sequence: number): Item | undefined {
    const item = this.#items[this.#placeAfter(sequence - 1)];
    return item?.sequence === sequence && !item.removed ? item : undefined;
  }

  /** The place of the first item with a higher sequence, by bisection. */
  #placeAfter(sequence: number): number {
    let from = 0;
    let to = this.#items.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#items[middle]?.sequence ?? Infinity) > sequence) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
