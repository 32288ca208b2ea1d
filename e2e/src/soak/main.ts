import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { canMountDisks, fill, onDiskWith } from "../small-disk.ts";
import { embedded } from "./embedded.ts";
import { onEmulators } from "./emulators.ts";
import { soak, type SoakReport } from "./soak.ts";

const PLATFORMS = {
  embedded: { kind: embedded, commitsAMinute: 4_000, hasDisk: true },
  emulators: { kind: onEmulators, commitsAMinute: 200, hasDisk: false },
};
/** What a commit leaves on the disk at most, with all that follows from it, and what a disk is too small without. */
const DISK_KIB = { aCommit: 48, least: 64 * 1024 };

const above0 = (text: string): number => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("a number above 0.");
};
const program = new Command("soak")
  .description(
    "Runs bus, webhook, clock and nine agents in a process each, while developers push: every 5 s one is killed, others are told to end, frozen beyond their leases, or find the disk full. Then all comes to rest, and what is left is held to what was promised; the exit code is 1 where a promise was broken.",
  )
  .option("--minutes <number>", "for so long things go wrong", above0, 5)
  .addOption(
    new Option("--platform <name>", "what they stand on")
      .choices(["embedded", "emulators"] as const)
      .default("embedded"),
  )
  .option("--commits <number>", "so many in all (default: 4,000 a minute; on the emulators 200)", above0)
  .option("--seed <number>", "of what is poison, and of who is struck when (default: by chance)", above0)
  .option("--json", "one JSON object at the end", false)
  // How it runs itself on a disk of its own.
  .addOption(new Option("--within <folder>").hideHelp());
const { minutes, platform, json, within, ...asked } = program.parse().opts();
const { kind, commitsAMinute, hasDisk } = PLATFORMS[platform];
const seed = asked.seed ?? Math.ceil(Math.random() * 1e6);
const commits = asked.commits ?? Math.ceil(minutes * commitsAMinute);

const ended = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ended.abort());
const print = (line: string): void => void process.stdout.write(`${line}\n`);
/** To people. */
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** On a disk that can be made full, where there is one. */
async function soakIn(folder: string, data: string, canFill: boolean): Promise<void> {
  const ballast = join(data, "ballast");
  const fillDisk = (): (() => void) => {
    fill(ballast);
    return () => rmSync(ballast);
  };
  const run = { kind, minutes, commits, seed, folder, data, onProgress: tell, signal: ended.signal };
  const report = await soak({ ...run, fillDisk: canFill ? fillDisk : undefined });
  const { violations, evidence } = report;
  process.exitCode = violations.length === 0 ? 0 : 1;
  if (json) return print(JSON.stringify({ seed, platform, minutes, ...report }));
  for (const line of evidence) print(`  ${line}`);
  for (const violation of violations) print(`broken: ${violation}`);
  const again = `--minutes ${minutes} --platform ${platform} --commits ${commits} --seed ${seed}`;
  if (violations.length > 0) print(`the same again, as far as chance lets it: npm run soak -- ${again}`);
  print(inWords(report));
}

const inWords = (report: SoakReport): string =>
  [
    `${report.commits} commits, ${report.events} events, ${report.handlings} handlings, ${report.deadLetters} dead letters`,
    `${report.kills} kills, ${report.drains} ends, ${report.freezes} freezes, ${report.fullDisks} full disks`,
    `${report.actsAnew} acts begun anew, ${report.sleptThrough} slept through, ${report.takenOver} taken over`,
    `${report.untold} pushes untold, ${report.caughtUp} caught up with`,
    `${report.seconds} s, seed ${seed}`,
  ].join("; ");

/** The same in a process that has a disk of its own there. */
async function soakOnDisk(folder: string, data: string): Promise<void> {
  const kibibytes = DISK_KIB.least + commits * DISK_KIB.aCommit;
  const args = [...process.argv.slice(2), "--seed", String(seed), "--within", folder];
  const [command = "", ...rest] = onDiskWith(data, kibibytes);
  const self = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)];
  const child = spawn(command, [...rest, ...self, ...args], { stdio: "inherit" });
  ended.signal.addEventListener("abort", () => child.kill("SIGTERM"));
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}

async function main(): Promise<void> {
  if (within !== undefined) return soakIn(within, join(within, "data"), true);
  const folder = await mkdtemp(join(tmpdir(), "contextpilot-soak-"));
  const data = join(folder, "data");
  await mkdir(data);
  try {
    if (hasDisk && canMountDisks()) await soakOnDisk(folder, data);
    else {
      if (hasDisk) tell("no disk is made full: that needs user namespaces, to mount a small one");
      await soakIn(folder, data, false);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  if (!ended.signal.aborted) throw error;
  process.exitCode = 130;
});
