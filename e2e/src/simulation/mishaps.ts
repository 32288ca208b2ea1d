import { seededRandom } from "../seeded-random.ts";
import type { Fault, FaultKind, Place, Plan } from "./plan.ts";
import { simulatedTime } from "./simulated-time.ts";

const MINUTE_MS = 60_000;

/** Decides at each moment of a run what goes wrong there: by the plan's list, its outages, and chance that follows from its seed. */
export class Mishaps {
  readonly #plan: Plan;
  readonly #faults: ReadonlyMap<string, Fault["kind"]>;
  readonly #counts = new Map<Place, number>();
  /** What happened, for who has to understand a failure. */
  readonly trace: string[] = [];
  over = false;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#faults = new Map(
      [...plan.faults, ...plan.busFaults].map(({ place, nth, kind }) => [`${place} ${nth}`, kind]),
    );
    this.random = seededRandom(plan.seed);
  }

  readonly random: () => number;

  among<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.random() * choices.length)] ?? choices[0];
  }

  /** Milliseconds from nothing to so many. */
  upTo = (ms: number): number => Math.floor(this.random() * ms);

  /** What goes wrong at the next moment of that place; undefined: nothing. */
  at<P extends Place>(place: P, where: string): FaultKind[P] | undefined {
    const nth = this.#counts.get(place) ?? 0;
    this.#counts.set(place, nth + 1);
    if (this.over) return undefined;
    const kind = this.#faults.get(`${place} ${nth}`) as FaultKind[P] | undefined;
    if (kind !== undefined) this.note(`${place} ${nth} at ${where}: ${kind}`);
    return kind;
  }

  isDown(what: "store" | "bus"): boolean {
    const minute = simulatedTime.elapsed() / MINUTE_MS;
    return this.#plan.outages.some(
      (one) => one.of === what && minute >= one.fromMinute && minute < one.fromMinute + one.minutes,
    );
  }

  note(what: string): void {
    this.trace.push(`${(simulatedTime.elapsed() / 1000).toFixed(1)} s  ${what}`);
  }
}
