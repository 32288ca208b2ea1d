import { hash } from "node:crypto";
import type { Envelope } from "@contextpilot/events";
import { downstreamOf } from "./downstream.ts";
import type { Waking } from "./handler.ts";
import { expiryAfter, storeKey } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";
import type { Clock } from "./ports/clock.ts";
import type { Payloads } from "./ports/payloads.ts";
import { AlreadyHandled, Conflict, type Store, type StoredDocument } from "./ports/store.ts";
import { messagesOf, sayingOf, type Said } from "./said.ts";

/** Documents looked at in one read. */
const AT_ONCE = 100;
/** What was committed and not published by then is a leftover, for the next tick to publish. */
const LEFT_OVER_AFTER_MS = 30_000;
const OUTBOX = "outbox";

export interface WakerOptions {
  readonly service: string;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly payloads: Payloads | undefined;
}

/**
 * Wakes what is due: each document is decided over, committed with what it says, and published. No delivery stands behind that
 * commit to come again, so what it says is kept in an outbox document of its own, itself due until it is published.
 */
export class Waker {
  readonly #options: WakerOptions;

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** Wakes all that is due, for `limitMs` at most; the rest waits for the next tick. Then throws the first failure, if any. */
  async wake(waking: Waking<string>, tick: Envelope, limitMs: number): Promise<readonly Envelope[]> {
    const end = performance.now() + limitMs;
    const seen = new Set<string>();
    const published: Envelope[] = [];
    const failures: unknown[] = [];
    while (performance.now() < end) {
      const due = await this.#options.store.due(this.#options.clock.now(), AT_ONCE);
      const fresh = due.filter(({ key }) => !seen.has(key));
      if (fresh.length === 0) break;
      for (const document of fresh) {
        seen.add(document.key);
        try {
          published.push(...(await this.#wakeOne(waking, tick, document)));
        } catch (error) {
          // Somebody else was at it, and has left it due or not.
          if (!(error instanceof Conflict || error instanceof AlreadyHandled)) failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw failures[0];
    return published;
  }

  async #wakeOne(waking: Waking<string>, tick: Envelope, document: StoredDocument): Promise<readonly Envelope[]> {
    const { tenant, collection, ref } = partsOf(document.key, this.#options.service);
    if (collection === OUTBOX) return this.#publishLeftover(document);
    return collection === waking.collection ? this.#awaken(waking, { ...tick, tenant_id: tenant }, ref, document) : [];
  }

  async #publishLeftover({ key, value, version }: StoredDocument): Promise<readonly Envelope[]> {
    const { said } = value as { readonly said: readonly Said[] };
    await this.#options.outbox.publish(key, messagesOf(said));
    await this.#options.store.commit({ documents: [{ key, expected: version, change: { kind: "delete" } }] });
    return said.map(({ event }) => event);
  }

  async #awaken(
    waking: Waking<string>,
    tick: Envelope,
    ref: string,
    document: StoredDocument,
  ): Promise<readonly Envelope[]> {
    const { service, store, outbox, clock, payloads } = this.#options;
    const now = clock.now();
    const documentRef = waking.ref(ref);
    const { events, value } = waking.decide(documentRef.parse(document.value), { now });
    // The document's version makes its awakening unique: it changes with the commit.
    const key = storeKey(
      tick.tenant_id,
      service,
      `${OUTBOX}/${hash("sha256", `${document.key} ${document.version}`, "hex")}`,
    );
    const { said, messages } = await sayingOf(downstreamOf(service, tick, { events }, now, key), payloads);
    const dueAt = documentRef.dueAt(value);
    const leftOverAt = new Date(now.getTime() + LEFT_OVER_AFTER_MS).toISOString();
    await store.commit({
      ...(said.length === 0
        ? {}
        : { create: { key, value: { said }, dueAt: leftOverAt, expiresAt: expiryAfter(now) } }),
      documents: [
        {
          key: document.key,
          expected: document.version,
          change: { kind: "set", value },
          ...(dueAt === undefined ? {} : { dueAt }),
        },
      ],
    });
    if (said.length === 0) return [];
    await outbox.publish(key, messages);
    const [kept] = await store.read([key]);
    if (kept?.version !== undefined) {
      await store.commit({ documents: [{ key, expected: kept.version, change: { kind: "delete" } }] });
    }
    return said.map(({ event }) => event);
  }
}

/** A store's key is `<tenant>/<service>/<collection>/…`. */
function partsOf(key: string, service: string): { tenant: string; collection: string; ref: string } {
  const [tenant = "", owner, ...rest] = key.split("/");
  const ref = rest.join("/");
  return { tenant: decodeURIComponent(tenant), collection: owner === service ? (rest[0] ?? "") : "", ref };
}
