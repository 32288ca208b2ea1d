import type { Page, PageQuery, SeenEvent } from "../read-model.ts";

/** Which of the kept events are said again: those to which everything applies that is given. */
export interface ReplaySelection {
  readonly tenant_id: string;
  /** A family (`git.commit`) or one version of it (`git.commit.v1`). */
  readonly type?: string | undefined;
  readonly topic?: string | undefined;
  readonly correlation_id?: string | undefined;
  /** By when they arrived: from this time on, and before that one. UTC, ISO 8601 with milliseconds. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** How many events a replay says, in all and by event type. */
export interface ReplayCount {
  readonly events: number;
  readonly by_type: Readonly<Record<string, number>>;
}

/** One replay: whoever goes on with it goes on where it stands. */
export interface ReplayRun {
  /** Its generation, in every event that it says and in all that follows from them. */
  readonly generation: string;
  readonly selection: ReplaySelection;
  readonly begun_by: string;
  readonly begun_at: string;
  /** How many events it says, and how many it has said. */
  readonly events: number;
  readonly said: number;
  /** null while it goes on. */
  readonly ended_at: string | null;
}

/** A run with its place in the order of arrival: the last event that was said, and the last that will be. */
export interface PlacedRun extends ReplayRun {
  readonly said_to: number;
  readonly up_to: number;
}

/** A run as it is shown: without its places. */
export function shownRun({ said_to: _saidTo, up_to: _upTo, ...run }: PlacedRun): ReplayRun {
  return run;
}

/**
 * The replays, and the events that they say, in the order of arrival. What a replay caused is never said again itself. Everything
 * resolves when it is on disk.
 */
export interface ReplayRuns {
  count(selection: ReplaySelection): Promise<ReplayCount>;
  /** Begins a run over the events that are there now: it ends, however many come meanwhile. */
  begin(run: Pick<ReplayRun, "generation" | "selection" | "begun_by" | "begun_at">): Promise<PlacedRun>;
  run(tenantId: string, generation: string): Promise<PlacedRun | undefined>;
  runs(query: PageQuery): Promise<Page<ReplayRun>>;
  /** The next events of a run; `next` is null with its last ones. */
  events(run: PlacedRun, limit: number): Promise<Page<SeenEvent>>;
  /** Notes that a run has said `said` events more, up to a place; leaves a run alone that another has moved on meanwhile. */
  advance(run: PlacedRun, to: { said_to: number; said: number; ended_at: string | null }): Promise<void>;
}
