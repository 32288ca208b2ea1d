import { randomUUID } from "node:crypto";
import { systemClock, type Clock, type OutgoingMessage } from "@contextpilot/messaging";
import { ApiError } from "../api-error.ts";
import { messageAgain } from "../message-again.ts";
import type { PacedPublisher } from "../paced-publisher.ts";
import type { Page, PageQuery } from "../read-model.ts";
import {
  shownRun,
  type PlacedRun,
  type ReplayCount,
  type ReplayRun,
  type ReplayRuns,
  type ReplaySelection,
} from "./replay-runs.ts";

export interface ReplaysOptions {
  readonly runs: ReplayRuns;
  readonly publisher: PacedPublisher;
  /** Default: true. */
  readonly enabled?: boolean;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * Says kept events again, in the order in which they arrived, under one new generation a run: the same event_id, and
 * replay_generation beside it. Handlers with state skip them unless they say `replay: "handle"`. A custom attribute of the
 * first message is not said again: events are kept, messages are not.
 *
 * Everything throws an ApiError: `replay-disabled` where replays are switched off.
 */
export class Replays {
  readonly #runs: ReplayRuns;
  readonly #publisher: PacedPublisher;
  readonly #enabled: boolean;
  readonly #clock: Clock;

  constructor({ runs, publisher, enabled = true, clock = systemClock }: ReplaysOptions) {
    this.#runs = runs;
    this.#publisher = publisher;
    this.#enabled = enabled;
    this.#clock = clock;
  }

  /** What a replay would say: the dry run. */
  async count(selection: ReplaySelection): Promise<ReplayCount> {
    this.#refuseWhereDisabled();
    return this.#runs.count(selection);
  }

  /** Begins a run, which says nothing yet. */
  async begin(selection: ReplaySelection, by: string): Promise<ReplayRun> {
    this.#refuseWhereDisabled();
    const run = await this.#runs.begin({
      generation: randomUUID(),
      selection,
      begun_by: by,
      begun_at: this.#now(),
    });
    if (run.events === 0) await this.#runs.advance(run, { said_to: run.up_to, said: 0, ended_at: this.#now() });
    return shownRun(await this.#existing(selection.tenant_id, run.generation));
  }

  runs(query: PageQuery): Promise<Page<ReplayRun>> {
    return this.#runs.runs(query);
  }

  /**
   * Says at most `limit` further events of a run, at `rate` a second, and tells how far it is: said, and noted a slice later, so
   * that after a crash some may be said twice, which consumers drop. Throws `unavailable` where the bus does not take them.
   */
  async goOn(
    tenantId: string,
    generation: string,
    { limit, rate, signal }: { readonly limit: number; readonly rate: number; readonly signal: AbortSignal },
  ): Promise<ReplayRun> {
    this.#refuseWhereDisabled();
    let run = await this.#existing(tenantId, generation);
    let left = limit;
    while (left > 0 && run.ended_at === null) {
      const { items, next } = await this.#runs.events(run, Math.min(left, this.#publisher.sliceOf(rate)));
      if (items.length > 0) {
        if (!(await this.#publisher.turn(items.length, rate, signal))) break;
        await this.#say(items.map(({ event }) => messageAgain({ ...event, replay_generation: generation })));
      }
      left -= items.length;
      const ended_at = next === null ? this.#now() : null;
      await this.#runs.advance(run, { said_to: next ?? run.up_to, said: items.length, ended_at });
      run = await this.#existing(tenantId, generation);
    }
    return shownRun(run);
  }

  async #say(messages: readonly OutgoingMessage[]): Promise<void> {
    const sent = await this.#publisher.publish(messages);
    for (const one of sent) {
      if ("problem" in one) throw new ApiError("unavailable", `the bus did not take an event: ${one.problem}`);
    }
  }

  async #existing(tenantId: string, generation: string): Promise<PlacedRun> {
    const run = await this.#runs.run(tenantId, generation);
    if (run === undefined) throw new ApiError("not-found", "no such replay");
    return run;
  }

  #refuseWhereDisabled(): void {
    if (this.#enabled) return;
    throw new ApiError(
      "replay-disabled",
      "replays are switched off: start the house without ENABLE_EVENT_REPLAY=false to allow them",
    );
  }

  readonly #now = (): string => this.#clock.now().toISOString();
}
