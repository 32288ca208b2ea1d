import { setTimeout as delay } from "node:timers/promises";
import type { Envelope } from "@contextpilot/events";
import { Ledger } from "../checker/ledger.ts";
import { seededRandom } from "../seeded-random.ts";
import { sleptThrough, takenOver, type Act } from "./acts.ts";
import { checkFeed } from "./check-feed.ts";
import { checkSoak } from "./check-soak.ts";
import { comeToRest } from "./come-to-rest.ts";
import { Developers } from "./developers.ts";
import { linesAbout, linesWith } from "./log-lines.ts";
import type { SoakPlatformKind } from "./platform.ts";
import { heardBy } from "./roster.ts";
import { SoakedHouse, repositoriesIn } from "./soaked-house.ts";
import { TroubleMaker, type Troubles } from "./trouble.ts";

export interface SoakOptions {
  readonly kind: SoakPlatformKind;
  readonly minutes: number;
  readonly commits: number;
  /** Of what is poison, and of who is struck when; what comes of it the machine decides. */
  readonly seed: number;
  /** As {@link SoakedHouse} is told. */
  readonly folder: string;
  readonly data: string;
  /** As {@link TroubleMaker} is told. */
  readonly fillDisk: (() => () => void) | undefined;
  /** Hears what is done, in lines for people. */
  readonly onProgress: (line: string) => void;
  /** Ends it before its time: it rejects then, when all is closed. */
  readonly signal: AbortSignal;
}

export interface SoakReport extends Troubles {
  /** Broken promises, in words; none: all held. */
  readonly violations: readonly string[];
  /** Of the first event that is named there, what the logs say. */
  readonly evidence: readonly string[];
  readonly commits: number;
  readonly events: number;
  readonly handlings: number;
  /** Acts that were begun once more, because who was at them died or was frozen. */
  readonly actsAnew: number;
  /** Acts that a freeze met, and those of them whose claim another process took meanwhile. */
  readonly sleptThrough: number;
  readonly takenOver: number;
  readonly deadLetters: number;
  /** Pushes of which no hook told, and what the clock found to be said. */
  readonly untold: number;
  readonly caughtUp: number;
  readonly seconds: number;
}

const MINUTE_MS = 60_000;
const TOLD_EVERY_MS = 15_000;
const PUSHED_AT_SHARE = 0.9;
/** A machine that is busy takes longer; one that takes so long has stopped. */
const PATIENCE = { least: 5 * MINUTE_MS, times: 4 };

/** Runs the house in processes of their own, does things to them while developers push, and looks at what is left. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { kind, folder, data, minutes, commits, signal } = options;
  const ledger = new Ledger();
  const random = seededRandom(options.seed);
  const begin = performance.now();
  const seconds = (): number => Math.round((performance.now() - begin) / 1_000);
  const tell = (what: string): void => options.onProgress(`${String(seconds()).padStart(4)} s  ${what}`);
  let trouble: TroubleMaker | undefined;
  const house = await SoakedHouse.open({
    kind,
    folder,
    data,
    onOwnEnd: (name, end) => {
      tell(`${name} ended by itself with ${end}`);
      if (!trouble?.wasHard) ledger.violated(`${name} ended by itself with ${end}`);
    },
  });
  signal.addEventListener("abort", () => void house.close());
  try {
    const { residents, door, platform } = house;
    const { publisher } = platform;
    const developers = new Developers({ folder: repositoriesIn(folder), commits, door, publisher, random, signal });
    tell(`${commits} commits are written, and ${residents.length} processes started`);
    await Promise.all([developers.prepare(), house.start()]);

    const onViolation = (promise: string): void => ledger.violated(promise);
    const { fillDisk } = options;
    trouble = new TroubleMaker({ residents, random, minutes, fillDisk, signal, onTrouble: tell, onViolation });
    await goThrough(developers, trouble, { ...options, tell });
    tell("comes to rest");
    await comeToRest(house, ledger, { tell, signal });
    tell("looks at what is left");
    const acts = await check(house, developers, ledger, kind);
    const { accepted, handlings, endings, stays, violations } = ledger;
    return {
      ...trouble.troubles,
      violations,
      evidence: linesAbout(violations, residents),
      commits: developers.written,
      events: accepted.size,
      handlings: handlings.length,
      actsAnew: stays.length - new Set(stays.map(({ event_id }) => event_id)).size,
      sleptThrough: sleptThrough(acts).length,
      takenOver: takenOver(acts).length,
      deadLetters: [...endings.values()].filter((ends) => ends.has("dead-lettered")).length,
      untold: developers.untold,
      caughtUp: [...accepted.values()].filter(({ event }) => isCaughtUp(event)).length,
      seconds: seconds(),
    };
  } finally {
    await house.close();
  }
}

type Going = Pick<SoakOptions, "minutes" | "signal"> & { readonly tell: (what: string) => void };

/** Until the time is over, and all that is to be pushed is pushed. */
async function goThrough(
  developers: Developers,
  trouble: TroubleMaker,
  { minutes, signal, tell }: Going,
): Promise<void> {
  let isOver = false;
  const telling = setInterval(() => tell(`${developers.accepted} commits pushed`), TOLD_EVERY_MS);
  const ms = minutes * MINUTE_MS;
  const pushing = developers.push(ms * PUSHED_AT_SHARE, PATIENCE.least + ms * PATIENCE.times);
  const over = Promise.all([pushing, delay(ms, undefined, { signal })]).finally(() => (isOver = true));
  try {
    await Promise.all([over, trouble.run(() => isOver)]);
  } finally {
    clearInterval(telling);
  }
}

/** A push of the git-agent's, and not what follows from a long one. */
const isCaughtUp = ({ event_type, source, data }: Envelope): boolean =>
  event_type.startsWith("git.push.") && source === "git-agent" && !("cursor" in (data as object));

/** What the logs alone know: where acts lay, what was skipped, and ticks, which leave no record of those they wake. */
const TELLING = ['"act":', '"outcome":"skipped"', '"event_type":"clock.tick.v1"', '"violation":'];

async function check(
  { residents, platform }: SoakedHouse,
  { repositories, broken, written }: Developers,
  ledger: Ledger,
  { roster }: SoakPlatformKind,
): Promise<readonly Act[]> {
  const lines = residents.flatMap(({ log }) => linesWith(log, TELLING));
  for (const { service, event_id = "", event_type = "", outcome, violation } of lines) {
    if (violation !== undefined) ledger.violated(violation);
    if (outcome !== undefined) ledger.ended(service, { attributes: { event_id, event_type } }, outcome);
  }
  const acts = lines.flatMap(({ act }) => (act === undefined ? [] : [act])).toSorted((a, b) => a.from - b.from);
  ledger.stays.push(...acts);
  const documents = await platform.evidence(ledger, acts);
  const subscriptions = heardBy(roster).filter(({ raw }) => !raw);
  const run = { ledger, documents, subscriptions, repositories, commits: written, now: new Date() };
  await checkSoak({ ...run, deadLetters: "stay" }, broken);
  const readModel = platform.readModel();
  try {
    await checkFeed(ledger, readModel);
  } finally {
    await readModel.close();
  }
  return acts;
}
