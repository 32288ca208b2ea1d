/**
 * What is too large for a message, by its own hash; shared by all services.
 *
 * `put` resolves with the SHA-256 of the bytes, in 64 hex digits, when they are durable; the same bytes are kept once. `get` gives
 * the bytes under a hash, or undefined where there are none (yet).
 */
export interface Payloads {
  put(bytes: Uint8Array): Promise<string>;
  get(hash: string): Promise<Uint8Array | undefined>;
}
