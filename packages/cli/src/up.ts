import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { colours } from "./colours.ts";
import { awaitNudge, type AwaitedPush } from "./chain/await-nudge.ts";
import { followChains, type ChainBeginnings } from "./chain/follow-chain.ts";
import { printForMachines, printForPeople, type ChainEnd, type ChainPrinter } from "./chain/print-chain.ts";
import { sameHouse } from "./commands/options.ts";
import { DEMO_REPOSITORY, DemoRepository, type DemoCommit } from "./demo/demo-repository.ts";
import type { HouseConfig } from "./config.ts";
import { openDataFolder, type DataFolder } from "./house/data-folder.ts";
import { loadSecrets } from "./house/secrets.ts";
import { startHouse, type House } from "./house/start-house.ts";

export interface UpOptions extends HouseConfig {
  readonly data: string;
  readonly port: number;
  readonly apiPort: number;
  readonly retryScale: number;
  readonly json: boolean;
}

/** How long the nudge may take. */
const NUDGE_LIMIT_MS = 30_000;
/** How long the other agents may take after it, so that the chain stands together. */
const OTHERS_GRACE_MS = 1000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printerOf = ({ json }: UpOptions): ChainPrinter => (json ? printForMachines(print) : printForPeople(print));

/** One push through a house in a fresh folder, which is removed afterwards. Gives the exit code: 0 when the nudge arrived. */
export async function upOnce(options: UpOptions): Promise<0 | 1> {
  const folder = await mkdtemp(join(tmpdir(), "contextpilot-"));
  const data = openDataFolder(folder);
  const printer = printerOf(options);
  try {
    // Beside a house that runs: on ports of its own.
    const { house, demo } = await open(data, { ...options, port: 0, apiPort: 0 });
    try {
      const waiting = { graceMs: 0, beginnings: new Map<string, number>() };
      const end = await pushAndAwait(house, demo, printer, await demo.commitNext(), waiting);
      printer.end(end);
      return end.kind === "complete" ? 0 : 1;
    } finally {
      await house.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts the house, pushes a commit to the demo, shows every chain, and stays up until `signal` aborts. */
export async function up(options: UpOptions, signal: AbortSignal): Promise<void> {
  const data = openDataFolder(options.data);
  const { house, demo } = await open(data, options);
  const printer = printerOf(options);
  const say = (line: string): void => (options.json ? undefined : print(line));
  try {
    say(`${colours.bold("ContextPilot is up.")} ${await keptLine(house, data)}\n`);
    const stopped = aborted(signal);
    const beginnings: ChainBeginnings = new Map();
    const commit = await demo.commitNext();
    say(`${commit.author.name} pushes "${commit.subject}" to ${DEMO_REPOSITORY}:\n`);
    const end = await Promise.race([
      pushAndAwait(house, demo, printer, commit, { graceMs: OTHERS_GRACE_MS, beginnings }),
      stopped,
    ]);
    if (end !== undefined) {
      printer.end(end);
      say(howToGoOn(house, demo, data));
      const stop = followChains(house, beginnings, (correlationId, step) => printer.step(correlationId, step));
      await stopped;
      stop();
    }
    say("\nStopping.");
  } finally {
    await house.close();
  }
}

function pushAndAwait(
  house: House,
  demo: DemoRepository,
  printer: ChainPrinter,
  { commit }: DemoCommit,
  waiting: Pick<AwaitedPush, "graceMs" | "beginnings">,
): Promise<ChainEnd> {
  return awaitNudge(house, printer, { commit, push: () => demo.push(), limitMs: NUDGE_LIMIT_MS, ...waiting });
}

async function keptLine({ feed }: House, data: DataFolder): Promise<string> {
  const kept = await feed.readModel.counts("default");
  if (kept.events === 0) return `It begins with an empty data folder: ${data.path}`;
  return `It has kept ${counted(kept.chains, "chain")}, ${counted(kept.events, "event")} and ${counted(kept.nudges, "nudge")} in ${data.path}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function howToGoOn(house: House, demo: DemoRepository, data: DataFolder): string {
  const here = sameHouse({ data: data.path });
  return `
Push more:   cd ${demo.clone}
             edit a file, then git commit -am "…" && git push
Your own:    ./contextpilot watch <path to a repository>${here}
See it:      here, by ./contextpilot chains${here}, or from the API at ${house.apiUrl}:
             /api/chains /api/nudges /api/proposals /api/events /api/dead-letters
             The webhook listens at ${house.webhookUrl}; the log is ${data.logFile}
Ctrl-C stops.`;
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });

async function open(data: DataFolder, options: UpOptions): Promise<{ house: House; demo: DemoRepository }> {
  const secrets = loadSecrets(data.path);
  const starting = startHouse({
    data,
    secrets,
    repositories: { [DEMO_REPOSITORY]: DemoRepository.bareIn(data.demo) },
    webhookPort: options.port,
    apiPort: options.apiPort,
    retryScale: options.retryScale,
    replayEnabled: options.replayEnabled,
    enabledFamilies: options.enabledFamilies,
    logLevels: options.logLevels,
  });
  const opening = DemoRepository.open(data.demo, new Date());
  try {
    const [house, demo] = await Promise.all([starting, opening]);
    await demo.installHook(data.path);
    return { house, demo };
  } catch (error) {
    // Neither is left behind by the other's failure.
    const [house] = await Promise.allSettled([starting, opening]);
    if (house.status === "fulfilled") await house.value.close();
    throw error;
  }
}
