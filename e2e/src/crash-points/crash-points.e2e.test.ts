import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../run-program.ts";
import { CRASH_POINTS, type CrashPoint } from "./points.ts";
import { whatIsLeft, type Left } from "./what-is-left.ts";

const HOUSE = new URL("crash-house.ts", import.meta.url);
const CRASH_AT = new URL("crash-at.ts", import.meta.url);
/** Leases lapse meanwhile, and what was committed and not published becomes a leftover. */
const MINUTES_LATER = "2";
/** Processes side by side. */
const LANES = 2;

interface Crash {
  readonly name: string;
  readonly point: CrashPoint;
  readonly pass: number;
}
/** One point alone, by its name: CRASH_POINT. Default: all. */
const only = process.env["CRASH_POINT"];
const crashes: readonly Crash[] = CRASH_POINTS.filter(({ name }) => only === undefined || name === only).flatMap(
  (point) => (point.passes ?? [1]).map((pass) => ({ name: `${point.step}: ${point.name}, pass ${pass}`, point, pass })),
);

let base: string;
/** What came of each crash, by its name. */
const ends = new Map(crashes.map(({ name }) => [name, Promise.withResolvers<End>()]));
let lanes: Promise<unknown>;

interface End {
  /** How the first process ended, and the second. */
  readonly codes: readonly (number | NodeJS.Signals)[];
  readonly errors: string;
  readonly left: Left | undefined;
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "contextpilot-crash-points-"));
  const waiting = [...crashes];
  const lane = async (): Promise<void> => {
    for (let crash = waiting.shift(); crash !== undefined; crash = waiting.shift()) {
      const end = ends.get(crash.name);
      await crashAndRestart(crash).then(end?.resolve, end?.reject);
    }
  };
  lanes = Promise.all(Array.from({ length: LANES }, lane));
});
afterAll(async () => {
  await lanes;
  await rm(base, { recursive: true, force: true });
});

async function crashAndRestart({ point, pass }: Crash): Promise<End> {
  const folder = await mkdtemp(join(base, "house-"));
  const environment = { CRASH_POINT: point.name, CRASH_PASS: String(pass), ACT_MS: String(point.actMs ?? 0) };
  const first = runProgram(HOUSE, [folder, "0"], { load: CRASH_AT, environment });
  const died = await first.ended();
  if (died !== "SIGKILL") return { codes: [died], errors: first.errors(), left: undefined };
  const second = runProgram(HOUSE, [folder, MINUTES_LATER]);
  const codes = [died, await second.ended()];
  return { codes, errors: first.errors() + second.errors(), left: await whatIsLeft(folder) };
}

const said = [
  "counted large",
  "counted plain",
  "counted poison",
  "woken",
  "woken",
  "woken",
  "worked large",
  "worked plain",
];
const poison = expect.stringMatching(/ worker handler-failed$/) as string;

test.each(crashes.map(({ name }) => name))(
  "nothing is lost and nothing happens twice where a process dies at %s",
  async (name) => {
    expect(await ends.get(name)?.promise).toEqual({
      codes: ["SIGKILL", 0],
      errors: "",
      left: {
        said,
        letters: [poison],
        inboxes: { counter: ["large", "plain", "poison"], worker: ["large", "plain"], listener: said },
        counted: { counter: ["large", "plain", "poison"], worker: [], listener: said },
        waiting: [],
      },
    });
  },
  300_000,
);

test("every step of a message's life has a crash point", () => {
  const page = readFileSync(new URL("../../../docs/lifecycle.md", import.meta.url), "utf8");
  const steps = [...page.matchAll(/^ +(\d+ \w+) {2,}/gm)].map(([, step]) => step);
  expect(steps).toHaveLength(10);
  expect(steps.filter((step) => !CRASH_POINTS.some((point) => point.step === step))).toEqual([]);
});

test("a place that is not there any more is no crash point that was passed", async () => {
  const folder = await mkdtemp(join(base, "house-"));
  const program = runProgram(HOUSE, [folder, "0"], { load: CRASH_AT, environment: { CRASH_POINT: "nowhere" } });
  expect([await program.ended(), program.errors()]).toEqual([2, 'crash point "nowhere": there is no such point\n']);
});
