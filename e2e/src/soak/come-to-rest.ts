import { until } from "@contextpilot/testing";
import type { Ledger } from "../checker/ledger.ts";
import { linesWith } from "./log-lines.ts";
import type { SoakPlatform } from "./platform.ts";
import type { SoakedHouse } from "./soaked-house.ts";

/** A push that no hook tells of is noted at one tick and said at the next; and a lease of a process that was killed at last has lapsed by then. */
const TICKS = 6;
/** A house of which so long nothing was done has stopped. */
const PATIENCE_MS = 5 * 60_000;
const TOLD_EVERY_MS = 15_000;

export interface RestOptions {
  /** Hears how far it got, in lines for people. */
  readonly tell: (what: string) => void;
  readonly signal: AbortSignal;
}

/** Nothing goes wrong any more: until nothing waits, the clock has found what no hook told of, and all have ended in order. */
export async function comeToRest(house: SoakedHouse, ledger: Ledger, options: RestOptions): Promise<void> {
  const { residents, platform } = house;
  try {
    await nothingWaits(platform, options);
    await ticksAreHandled(house, options);
    const clock = residents.find(({ name }) => name === "clock");
    await clock?.drain();
    await nothingWaits(platform, options);
  } catch (error) {
    options.signal.throwIfAborted();
    ledger.violated(String(error));
  }
  const ends = residents.map(async (resident) => ({ name: resident.name, end: await resident.drain() }));
  for (const { name, end } of await Promise.all(ends)) {
    if (end !== 0) ledger.violated(`${name} was told to end when it had nothing to do, and ended with ${end}`);
  }
}

/** However long it takes, as long as less and less does. */
async function nothingWaits(platform: SoakPlatform, { tell, signal }: RestOptions): Promise<void> {
  let least = Infinity;
  let lessSince = performance.now();
  const telling = setInterval(() => Number.isFinite(least) && tell(`${least} messages wait`), TOLD_EVERY_MS);
  const isIdle = async (): Promise<boolean> => {
    signal.throwIfAborted();
    const waiting = await platform.waiting().catch(() => undefined);
    if (waiting !== undefined && waiting < least) {
      least = waiting;
      lessSince = performance.now();
    }
    if (performance.now() - lessSince > PATIENCE_MS)
      throw new Error(`for ${PATIENCE_MS / 60_000} minutes as many messages waited as before: ${waiting ?? "some"}`);
    return waiting === 0;
  };
  try {
    await until(isIdle, "nothing to wait", { withinMs: Infinity, everyMs: 500 });
  } finally {
    clearInterval(telling);
  }
}

/** By the git-agent, so many more than there are yet. */
async function ticksAreHandled({ residents }: SoakedHouse, { signal }: RestOptions): Promise<void> {
  const log = residents.find(({ name }) => name === "git-agent")?.log ?? "";
  const handled = (): number => {
    const lines = linesWith(log, ['"event_type":"clock.tick.v1"']).filter(({ outcome }) => outcome === "handled");
    return new Set(lines.map(({ event_id }) => event_id)).size;
  };
  const before = handled();
  const haveCome = (): boolean => {
    signal.throwIfAborted();
    return handled() >= before + TICKS;
  };
  await until(haveCome, "the clock to tick, and the git-agent to hear it", { withinMs: PATIENCE_MS, everyMs: 1_000 });
}
