/** The bounds between which a subscription's retries wait. */
export interface RetryBounds {
  readonly minimumSeconds: number;
  readonly maximumSeconds: number;
}

/**
 * Milliseconds until a message is delivered again after its `attempts`-th failure: the minimum, doubled with each further
 * failure up to the maximum, and up to a tenth more or less, so that what failed together does not come back together.
 * `random` is in [0, 1).
 */
export function retryDelayMs(bounds: RetryBounds, attempts: number, random: number): number {
  const seconds = Math.min(bounds.minimumSeconds * 2 ** (attempts - 1), bounds.maximumSeconds);
  return seconds * 1000 * (0.9 + 0.2 * random);
}
