import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runProgram } from "../run-program.ts";
import type { CrashPoint } from "./crash-point.ts";
import type { Left } from "./what-is-left.ts";

const BUNDLE_HOUSE = new URL("bundle-house.ts", import.meta.url);
/** Leases lapse meanwhile, and what was committed and not published becomes a leftover. */
const MINUTES_LATER = "2";

/** What a house stands on that is to be killed once. */
export interface Ground {
  /** What follows the folder and the minutes on its command line. */
  readonly arguments: readonly string[];
  left(): Promise<Left>;
  close(): Promise<void>;
}

interface Crash {
  readonly name: string;
  readonly point: CrashPoint;
  readonly pass: number;
}

interface End {
  /** How the first process ended, and the second. */
  readonly codes: readonly (number | NodeJS.Signals)[];
  readonly errors: string;
  readonly left: Left | undefined;
}

/** A house is killed at each point, at each of its passes, started again, and what it left is looked at; `lanes` side by side. */
export function crashTests(
  points: readonly CrashPoint[],
  lanes: number,
  openGround: (folder: string) => Promise<Ground>,
): void {
  /** One point alone, by its name: CRASH_POINT. Default: all. */
  const only = process.env["CRASH_POINT"];
  const crashes: readonly Crash[] = points
    .filter(({ name }) => only === undefined || name === only)
    .flatMap((point) =>
      (point.passes ?? [1]).map((pass) => ({ name: `${point.step}: ${point.name}, pass ${pass}`, point, pass })),
    );
  if (crashes.length === 0) return; // the one point is the other pair's
  /** What came of each crash, by its name. */
  const ends = new Map(crashes.map(({ name }) => [name, Promise.withResolvers<End>()]));
  let base: string;
  let house: URL;
  /** V8's code of the house, which the first to end in order leaves to the others. */
  let compiled: { readonly NODE_COMPILE_CACHE: string };
  let all: Promise<unknown>;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "contextpilot-crash-points-"));
    house = pathToFileURL(join(base, "house.mjs"));
    compiled = { NODE_COMPILE_CACHE: join(base, "compiled") };
    const bundling = runProgram(BUNDLE_HOUSE, [fileURLToPath(house)]);
    expect([await bundling.ended(), bundling.errors()]).toEqual([0, ""]);
    const waiting = [...crashes];
    const lane = async (): Promise<void> => {
      for (let crash = waiting.shift(); crash !== undefined; crash = waiting.shift()) {
        const end = ends.get(crash.name);
        await crashAndRestart(crash).then(end?.resolve, end?.reject);
      }
    };
    all = Promise.all(Array.from({ length: lanes }, lane));
  });
  afterAll(async () => {
    await all;
    await rm(base, { recursive: true, force: true });
  });

  async function crashAndRestart({ point, pass }: Crash): Promise<End> {
    const folder = await mkdtemp(join(base, "house-"));
    const ground = await openGround(folder);
    try {
      const environment = {
        ...compiled,
        CRASH_POINT: point.name,
        CRASH_PASS: String(pass),
        ACT_MS: String(point.actMs ?? 0),
      };
      const first = runProgram(house, [folder, "0", ...ground.arguments], { environment });
      const died = await first.ended();
      if (died !== "SIGKILL") return { codes: [died], errors: first.errors(), left: undefined };
      const second = runProgram(house, [folder, MINUTES_LATER, ...ground.arguments], { environment: compiled });
      const codes = [died, await second.ended()];
      return { codes, errors: first.errors() + second.errors(), left: await ground.left() };
    } finally {
      await ground.close();
    }
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
}
