import { findEmulator, firestoreEmulator, pubsubEmulator } from "@contextpilot/testing";
import { runProgram, type Program } from "../run-program.ts";
import { canMountDisks } from "../small-disk.ts";
import type { SoakReport } from "./soak.ts";

const SOAK = new URL("main.ts", import.meta.url);
/** As the size of a run, `npm run soak` takes any; both run side by side, for they mostly wait. */
const MINUTES = process.env["CI"] === undefined ? 1 : 5;
const COMMITS = MINUTES * 600;
const TIME_LIMIT_MS = 1_200_000;

const running: Program[] = [];
function soakFor(...args: readonly string[]): Program {
  const program = runProgram(SOAK, ["--json", ...args]);
  running.push(program);
  return program;
}
afterAll(async () => {
  for (const program of running) await program.stop("SIGTERM");
});

async function reportOf(program: Program | undefined): Promise<SoakReport> {
  const code = await program?.ended();
  const [line] = program?.lines ?? [];
  if (line === undefined) throw new Error(`it ended with ${code}, and without a report: ${program?.errors()}`);
  return JSON.parse(line) as SoakReport;
}

const canFillDisks = canMountDisks();
const canEmulate = [pubsubEmulator, firestoreEmulator].every((kind) => !("missing" in findEmulator(kind)));
const describeOnDisk = canFillDisks ? describe : describe.skip;
const describeOnEmulators = canEmulate ? describe : describe.skip;

let embedded: Program | undefined;
let onEmulators: Program | undefined;
beforeAll(() => {
  if (canFillDisks) embedded = soakFor("--minutes", String(MINUTES), "--commits", String(COMMITS));
  if (canEmulate) onEmulators = soakFor("--platform", "emulators", "--minutes", "1");
});

describeOnDisk("on SQLite [needs user namespaces, to mount a small disk]", () => {
  test(
    "bus, webhook and agents, a process each, are killed, ended, frozen and without a disk, and every promise holds",
    async () => {
      const { violations, evidence, ...counts } = await reportOf(embedded);
      expect({ violations, evidence }).toEqual({ violations: [], evidence: [] });
      const { fullDisks, freezes, drains, sleptThrough, caughtUp } = counts;
      expect(
        Object.entries({ fullDisks, freezes, drains, sleptThrough, caughtUp }).filter(([, count]) => count === 0),
      ).toEqual([]);
      expect(counts.kills).toBeGreaterThan(MINUTES);
    },
    TIME_LIMIT_MS,
  );
});

describeOnEmulators("on Google's emulators [needs Google's SDK with both, and Java]", () => {
  test(
    "of an agent's two processes one that was frozen beyond its lease commits nothing, and every promise holds",
    async () => {
      const { violations, evidence, ...counts } = await reportOf(onEmulators);
      expect({ violations, evidence }).toEqual({ violations: [], evidence: [] });
      const { freezes, kills, takenOver, caughtUp } = counts;
      expect(Object.entries({ freezes, kills, takenOver, caughtUp }).filter(([, count]) => count === 0)).toEqual([]);
    },
    TIME_LIMIT_MS,
  );
});
