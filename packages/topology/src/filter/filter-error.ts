/** A filter that Pub/Sub would refuse: what is wrong, and at which character (from 0). */
export class FilterError extends Error {
  override readonly name = "FilterError";
  readonly position: number;

  constructor(problem: string, filter: string, position: number) {
    super(`filter ${problem}, at character ${position} of: ${filter}`);
    this.position = position;
  }
}
