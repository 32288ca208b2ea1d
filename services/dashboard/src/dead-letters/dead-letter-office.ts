import type { Logger } from "@contextpilot/agent-host";
import { systemClock, type Clock } from "@contextpilot/messaging";
import { ApiError } from "../api-error.ts";
import type { PacedPublisher, Sent } from "../paced-publisher.ts";
import type { DeadLetterState, KeptDeadLetter, ReadModel } from "../read-model.ts";
import { slicesOf, type Choice } from "./choice.ts";
import type { DecisionKind, Decisions, NewDecision } from "./decisions.ts";
import { redriven, resent, type Returned } from "./return-message.ts";

export interface DecisionRequest {
  readonly tenant_id: string;
  /** Who decides. */
  readonly by: string;
}

/** A dead letter for which it was not done, and why: it stands as it stood. */
export interface Refusal {
  readonly dead_letter_id: string;
  readonly problem: string;
}

export interface DecisionAnswer {
  /** For how many it was done. */
  readonly done: number;
  readonly refused: readonly Refusal[];
  /** The cursor of what is left of a group or of all; null at the end, and with ids. */
  readonly next: number | null;
  readonly up_to: number | null;
  /** It ended before its limit: the house stops, or who asked has gone. */
  readonly stopped: boolean;
}

export interface DeadLetterOfficeOptions {
  readonly readModel: Pick<ReadModel, "deadLetter">;
  readonly decisions: Decisions;
  readonly publisher: PacedPublisher;
  readonly logger: Logger;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** Puts some dead letters in order and tells for which it was not done; undefined where it was stopped before. */
type Put = (letters: readonly KeptDeadLetter[]) => Promise<readonly Refusal[] | undefined>;

/** How many are discarded, or published after a crash, at once. */
const AT_ONCE = 100;

/**
 * Where people put dead letters in order. What is to be sent is decided on disk first, then published, then noted as done: a
 * decision whose end a crash has swallowed is published again by `finishPending`, which harms nobody, as consumers drop what
 * they have. Throws an ApiError `unavailable` where the bus does not take a message; that dead letter stands as before.
 */
export class DeadLetterOffice {
  readonly #readModel: Pick<ReadModel, "deadLetter">;
  readonly #decisions: Decisions;
  readonly #publisher: PacedPublisher;
  readonly #logger: Logger;
  readonly #clock: Clock;

  constructor({ readModel, decisions, publisher, logger, clock = systemClock }: DeadLetterOfficeOptions) {
    this.#readModel = readModel;
    this.#decisions = decisions;
    this.#publisher = publisher;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Sends them to their consumers again as they were, at `rate` a second. */
  redrive(
    choice: Choice,
    request: DecisionRequest & { readonly rate: number; readonly signal: AbortSignal },
  ): Promise<DecisionAnswer> {
    const { rate, signal } = request;
    return this.#inSlices("redrive", choice, request, this.#publisher.sliceOf(rate), async (letters) => {
      if (!(await this.#publisher.turn(letters.length, rate, signal))) return undefined;
      return this.#send(
        letters.map((letter) => ({ letter, returned: redriven(letter) })),
        request,
        "redrive",
      );
    });
  }

  /** Sends edited bytes to the consumer of one dead letter, as a new message. */
  resend(deadLetterId: string, edited: Uint8Array, request: DecisionRequest): Promise<DecisionAnswer> {
    return this.#inSlices("resend", { ids: [deadLetterId] }, request, 1, (letters) =>
      this.#send(
        letters.map((letter) => ({ letter, returned: resent(letter, edited) })),
        request,
        "resend",
        edited,
      ),
    );
  }

  /** Lays them aside: they are kept, and no longer open. */
  discard(choice: Choice, request: DecisionRequest): Promise<DecisionAnswer> {
    return this.#inSlices("discard", choice, request, AT_ONCE, async (letters) => {
      const decided = await this.#decisions.decide(letters.map((letter) => this.#decision(letter, request, "discard")));
      return decided.flatMap((one, place) => (one.ok ? [] : [refusal(letters[place], standing(one.state))]));
    });
  }

  /** Publishes what was decided before a crash, and notes what came of it. To be called once, when the bus is there. */
  async finishPending(): Promise<void> {
    for (;;) {
      const pending = await this.#decisions.pending(AT_ONCE);
      if (pending.length === 0) return;
      for (const { decision, kind, kept, data = kept.data } of pending) {
        const returned = kind === "redrive" ? redriven(kept) : resent(kept, data);
        const [sent] = returned.ok ? await this.#publisher.publish([returned.message]) : [returned];
        await this.#decisions.settle([{ decision, ...endOf(sent) }]);
      }
    }
  }

  async #inSlices(
    kind: DecisionKind,
    choice: Choice,
    { tenant_id, by }: DecisionRequest,
    size: number,
    put: Put,
  ): Promise<DecisionAnswer> {
    const byIds = "ids" in choice;
    const upTo = byIds ? 0 : (choice.up_to ?? (await this.#decisions.newest(tenant_id)));
    const source = { readModel: this.#readModel, decisions: this.#decisions, tenant_id };
    const refused: Refusal[] = [];
    let done = 0;
    let next = byIds ? null : (choice.cursor ?? 0);
    let stopped = false;
    for await (const { letters, unknown, ...slice } of slicesOf(choice, size, upTo, source)) {
      const failed = letters.length === 0 ? [] : await put(letters);
      stopped = failed === undefined;
      if (failed === undefined) break;
      refused.push(...failed, ...unknown.map((id) => ({ dead_letter_id: id, problem: "no such dead letter" })));
      done += letters.length - failed.length;
      next = slice.next;
    }
    this.#logger.info({ kind, by, done, refused: refused.length, stopped }, "dead letters put in order");
    return { done, refused, next, up_to: byIds ? null : upTo, stopped };
  }

  /** Decides, publishes, and notes what came of it. */
  async #send(
    letters: readonly { readonly letter: KeptDeadLetter; readonly returned: Returned }[],
    request: DecisionRequest,
    kind: DecisionKind,
    data?: Uint8Array,
  ): Promise<readonly Refusal[]> {
    const refused: Refusal[] = [];
    const sendable = letters.flatMap(({ letter, returned }) => {
      if (returned.ok) return [{ letter, message: returned.message }];
      refused.push(refusal(letter, returned.problem));
      return [];
    });
    const decided = await this.#decisions.decide(
      sendable.map(({ letter }) => this.#decision(letter, request, kind, data)),
    );
    const pending = sendable.flatMap(({ letter, message }, place) => {
      const one = decided[place];
      if (one?.ok === true) return [{ decision: one.decision, message }];
      refused.push(refusal(letter, standing(one?.state)));
      return [];
    });
    if (pending.length === 0) return refused;
    const sent = await this.#publisher.publish(pending.map(({ message }) => message));
    await this.#decisions.settle(pending.map(({ decision }, place) => ({ decision, ...endOf(sent[place]) })));
    for (const one of sent) {
      if ("problem" in one) throw new ApiError("unavailable", `the bus did not take it: ${one.problem}`);
    }
    return refused;
  }

  #decision(
    { deadLetter: { tenant_id, dead_letter_id } }: KeptDeadLetter,
    { by }: DecisionRequest,
    kind: DecisionKind,
    data?: Uint8Array,
  ): NewDecision {
    const at = this.#clock.now().toISOString();
    return { tenant_id, dead_letter_id, kind, by, at, ...(data === undefined ? {} : { data }) };
  }
}

function refusal(letter: KeptDeadLetter | undefined, problem: string): Refusal {
  return { dead_letter_id: letter?.deadLetter.dead_letter_id ?? "", problem };
}

const standing = (state: DeadLetterState | undefined): string =>
  state === undefined ? "no such dead letter" : `it is ${state} already`;

const endOf = (sent: Sent | undefined): Sent => sent ?? { problem: "the bus did not say" };
