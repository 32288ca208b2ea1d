import { hash } from "node:crypto";
import type { Payloads } from "./ports/payloads.ts";

/** Payloads in memory: for tests, and for houses that need not outlive their process. */
export class MemoryPayloads implements Payloads {
  readonly #kept = new Map<string, Uint8Array>();

  async put(bytes: Uint8Array): Promise<string> {
    const name = hash("sha256", bytes, "hex");
    if (!this.#kept.has(name)) this.#kept.set(name, Uint8Array.from(bytes));
    return name;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const bytes = this.#kept.get(name);
    return bytes === undefined ? undefined : Uint8Array.from(bytes);
  }
}
