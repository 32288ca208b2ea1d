/** Times as text, UTC, ISO 8601; many are asked for within one millisecond, and written once. */
export class IsoTimes {
  #ms = Number.NaN;
  #text = "";

  of(time: Date): string {
    const ms = time.getTime();
    if (ms !== this.#ms) {
      this.#text = time.toISOString();
      this.#ms = ms;
    }
    return this.#text;
  }
}
