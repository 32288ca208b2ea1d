/** Tokens remembered at once. A bus uses one or two an hour, a person six; more only costs them a second verification. */
const MAX_REMEMBERED = 1_000;

/** What was found of tokens, each remembered until it is not valid any more. */
export class VerifiedTokens<T> {
  readonly #found = new Map<string, { readonly what: T; readonly until: number }>();
  readonly #seconds: () => number;

  /** @param seconds the time, in seconds since the epoch */
  constructor(seconds: () => number) {
    this.#seconds = seconds;
  }

  get(token: string): T | undefined {
    const found = this.#found.get(token);
    if (found !== undefined && this.#seconds() < found.until) return found.what;
    this.#found.delete(token);
    return undefined;
  }

  remember(token: string, what: T, until: number): void {
    const [oldest] = this.#found.size >= MAX_REMEMBERED ? this.#found.keys() : [];
    if (oldest !== undefined) this.#found.delete(oldest);
    this.#found.set(token, { what, until });
  }
}
