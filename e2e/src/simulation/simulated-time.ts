import { syncBuiltinESMExports } from "node:module";
import FakeTimers from "@sinonjs/fake-timers";

/** Where every run begins. */
const BEGINNING = Date.parse("2026-03-02T09:00:00Z");

const realImmediate = setImmediate;
const turn = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));

const timers = FakeTimers.install({
  now: BEGINNING,
  toFake: ["setTimeout", "clearTimeout", "Date", "performance"],
  loopLimit: Number.MAX_SAFE_INTEGER,
});
syncBuiltinESMExports();

/** Time that stands still while anything can run, and then goes on to the next timer: a run of hours takes milliseconds. */
export const simulatedTime = {
  /** Milliseconds since the run began. */
  elapsed: (): number => Date.now() - BEGINNING,

  now: (): Date => new Date(),

  sleep: (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms)),

  /** Begins anew; what an earlier run still waited for never comes. */
  begin: (): void => {
    timers.reset();
    timers.setSystemTime(BEGINNING);
  },

  /** Lets so much time pass at once. What that brings about has come with the next {@link settle}. */
  pass: (ms: number): void => void timers.tick(ms),

  /** Lets everything run that can without time passing. */
  settle: async (): Promise<void> => {
    for (let turns = 0; turns < 10; turns += 1) await turn();
  },

  /** Lets time pass until `done`; gives whether it came within so long. */
  async runUntil(done: () => boolean, limitMs: number): Promise<boolean> {
    const end = Date.now() + limitMs;
    for (;;) {
      await turn();
      if (done()) return true;
      if (Date.now() >= end || timers.countTimers() === 0) return false;
      timers.next();
    }
  },
};

export const never = (): Promise<never> => new Promise(() => {});
