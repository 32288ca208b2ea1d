import { hash } from "node:crypto";
import type { Envelope } from "@contextpilot/events";
import { Claims, type Claim } from "./claims.ts";
import { Deadline } from "./deadline.ts";
import { downstreamOf } from "./downstream.ts";
import { MessageError } from "./error.ts";
import type { Waking } from "./handler.ts";
import { dataHash, inboxCreation, inboxKey, storeKey, type InboxRecord } from "./inbox.ts";
import { KeyQueue } from "./key-queue.ts";
import type { Outcome, SkipReason } from "./outcome.ts";
import { Outbox } from "./outbox.ts";
import type { Clock } from "./ports/clock.ts";
import type { Payloads } from "./ports/payloads.ts";
import type { Publisher } from "./ports/publisher.ts";
import { AlreadyHandled, Conflict, type Store } from "./ports/store.ts";
import { messagesOf, sayingOf, type Said } from "./said.ts";
import { Waker } from "./wake.ts";
import type { Work } from "./work.ts";

export interface DeciderOptions {
  readonly service: string;
  readonly store: Store;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly payloads: Payloads | undefined;
}

/** A handler is cut off at this share of the time that its delivery has, so that the answer comes before the ack deadline. */
const HANDLER_SHARE = 0.9;
/** A decision is made again for so long, where its state changes meanwhile. */
const CONFLICT_SHARE = 2 / 3;

/** Steps 7 to 9: read the state, decide (or act), commit everything at once, publish. */
export class Decider {
  readonly #service: string;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #payloads: Payloads | undefined;
  readonly #outbox: Outbox;
  readonly #claims: Claims;
  readonly #waker: Waker;
  readonly #queue = new KeyQueue();

  constructor(options: DeciderOptions) {
    this.#service = options.service;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#payloads = options.payloads;
    this.#outbox = new Outbox(options.publisher);
    this.#claims = new Claims(options.store, options.clock);
    this.#waker = new Waker({ ...options, outbox: this.#outbox });
  }

  /** Handles an event with its one effect, or finishes what was begun before. Throws a MessageError, or what the handler threw. */
  handle(work: Work, ackDeadlineSeconds: number): Promise<Outcome> {
    const { handler, event } = work;
    const deadline = new Deadline(ackDeadlineSeconds * 1000);
    if (handler.wake !== undefined) return this.#wake(handler.wake, event, deadline);
    if (handler.claim !== undefined) return this.#act(work, handler.claim(event), deadline);
    // Without state nothing but the inbox record can conflict: nothing to queue for.
    return this.#queue.run(work.stateKeys, () => this.#decide(work, deadline));
  }

  /** Finishes what an earlier delivery of the event committed; undefined where none did. Throws a MessageError. */
  async finish(event: Envelope): Promise<Outcome | undefined> {
    const key = inboxKey(this.#service, event);
    const [record] = await this.#store.read([key]);
    return record?.value === undefined ? undefined : this.#finishRecord(key, event, record.value as InboxRecord);
  }

  /**
   * Leaves an event out for good, unless it was handled. The record makes it so: of an earlier delivery a process may still be at it, and would
   * commit what nobody comes back to publish. Throws a MessageError.
   */
  async leaveOut(event: Envelope, reason: SkipReason): Promise<Outcome> {
    const key = inboxKey(this.#service, event);
    const skipped: Outcome = { kind: "skipped", event, reason };
    const finished = await this.finish(event);
    if (finished !== undefined) return finished;
    try {
      const create = inboxCreation(key, event, { said: [], skipped: reason }, this.#clock.now());
      await this.#store.commit({ create, documents: [] });
      return skipped;
    } catch (error) {
      if (error instanceof AlreadyHandled) return (await this.finish(event)) ?? skipped;
      throw error;
    }
  }

  /** A decision whose state changed meanwhile is made again. */
  async #decide(work: Work, deadline: Deadline): Promise<Outcome> {
    for (;;) {
      const outcome = await this.#attempt(work, deadline);
      if (outcome !== "conflict") return outcome;
      if (deadline.passed(CONFLICT_SHARE)) {
        throw MessageError.retryable("conflict", "its state kept changing", { event: work.event.event_id });
      }
    }
  }

  /** An act runs under its claim, and is not done again at once where its state changed: it has touched the world. */
  async #act(work: Work, claimed: string, deadline: Deadline): Promise<Outcome> {
    const { event } = work;
    const finished = await this.finish(work.envelope);
    if (finished !== undefined) return finished;
    const key = storeKey(event.tenant_id, this.#service, `claims/${hash("sha256", claimed, "base64url")}`);
    return this.#claims.hold(key, deadline.leftMs(HANDLER_SHARE), async (claim) => {
      const outcome = await this.#attempt(work, deadline, claim);
      if (outcome === "conflict") {
        throw MessageError.retryable("conflict", "its state changed while it acted", { event: event.event_id });
      }
      // It was committed before, without this claim.
      if (outcome.kind === "handled" && outcome.duplicate) await this.#claims.giveBack(claim);
      return outcome;
    });
  }

  async #wake(waking: Waking<string>, event: Envelope, deadline: Deadline): Promise<Outcome> {
    const published = await this.#waker.wake(waking, event, deadline.leftMs(HANDLER_SHARE));
    return { kind: "handled", event, duplicate: false, published };
  }

  async #attempt(work: Work, deadline: Deadline, claim?: Claim): Promise<Outcome | "conflict"> {
    const { handler, event } = work;
    const now = this.#clock.now();
    const [record, ...stored] = work.readsFirst ? await this.#store.read(work.keys) : [];
    if (record?.value !== undefined)
      return this.#finishRecord(work.inboxKey, work.envelope, record.value as InboxRecord);

    const context = { now, retryCount: work.failuresIn(stored) };
    const limited = deadline.limit(HANDLER_SHARE, claim?.lost);
    const decided = handler.run(event, work.stateIn(stored), context, limited); // 7 decide
    const decision = decided instanceof Promise ? await decided : decided;
    const note = decision.note === undefined ? {} : { note: decision.note };
    const saying = sayingOf(downstreamOf(this.#service, event, decision, now), this.#payloads);
    const { said, messages } = saying instanceof Promise ? await saying : saying;
    if (claim !== undefined) await claim.stopRenewing();
    try {
      await this.#store.commit({
        create: inboxCreation(work.inboxKey, work.envelope, { said, ...note }, now),
        documents: [...work.changesTo(stored, decision), ...(claim === undefined ? [] : [claim.release()])],
      }); // 8 commit
    } catch (error) {
      if (error instanceof Conflict) return "conflict";
      if (error instanceof AlreadyHandled) return (await this.finish(work.envelope)) ?? "conflict";
      throw error;
    }
    if (messages.length > 0) await this.#outbox.publish(work.inboxKey, messages); // 9 publish
    return { kind: "handled", event, duplicate: false, published: eventsOf(said), ...note };
  }

  async #finishRecord(key: string, event: Envelope, { said, data_hash, skipped }: InboxRecord): Promise<Outcome> {
    if (skipped !== undefined) return { kind: "skipped", event, reason: skipped };
    await this.#outbox.publish(key, messagesOf(said));
    const differs = data_hash === dataHash(event) ? {} : { dataDiffers: true as const };
    return { kind: "handled", event, duplicate: true, published: eventsOf(said), ...differs };
  }
}

const eventsOf = (said: readonly Said[]): readonly Envelope[] => said.map(({ event }) => event);
