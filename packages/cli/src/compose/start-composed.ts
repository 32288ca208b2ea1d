import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CommandError } from "../commands/command-error.ts";
import { plainLine } from "../commands/plain-text.ts";
import type { Terminal } from "../commands/terminal.ts";
import { openDataFolder } from "../house/data-folder.ts";
import { announceHouse } from "../house/house-address.ts";
import { keepSecrets } from "../house/secrets.ts";
import type { ComposeProgram } from "./compose-program.ts";
import { readComposeSettings } from "./compose-settings.ts";
import { doorsOf, isOpen, refuseTaken, type Door } from "./doors.ts";
import { makeEnvironmentFile, readEnvironmentFile } from "./environment-file.ts";
import { faultsIn, settingOf, type ComposeEnvironment } from "./faults-in.ts";
import { unwellContainers } from "./unwell-containers.ts";

export interface ComposedPlace {
  /** Where docker-compose.yml is. */
  readonly root: string;
  /** `.env`, or another. */
  readonly environmentFile: string;
  /** Where hooks and commands find the house. */
  readonly data: string;
}

/** As long as it takes from compose's end to open doors. */
const READY_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 500;

/** The house in containers, once it takes pushes. */
export interface Composed {
  /** The folder of the repositories; undefined where that is a volume of the engine's. */
  readonly repositories: string | undefined;
  readonly doors: readonly Door[];
}

/**
 * Looks at what docker-compose.yml is told, makes what is missing, runs compose's up with the arguments, and waits for the doors.
 * Throws a CommandError that names what is wrong, with the remedy; where that can be seen beforehand, nothing was started.
 */
export async function startComposed(
  { root, environmentFile: file, data }: ComposedPlace,
  compose: ComposeProgram,
  args: readonly string[],
  terminal: Terminal,
): Promise<Composed> {
  const settings = readComposeSettings(join(root, "docker-compose.yml"));
  if (makeEnvironmentFile(file, join(root, ".env.example"), settings.required))
    terminal.note(`Made ${plainLine(file)} of .env.example, with secrets of its own.`);
  const environment = { file: readEnvironmentFile(file), process: process.env };
  const faults = faultsIn(environment, settings);
  if (faults.length > 0) throw new CommandError(`${file} cannot be used: ${faults.join("; ")}`);
  const doors = doorsOf(settings.ports, environment);
  if ((await compose.containers()).length === 0) await Promise.all(doors.map(refuseTaken));
  const repositories = makeRepositories(environment, root);
  tellHooks(openDataFolder(data).path, environment, doors);

  const up = ["up", "--detach", ...(args.includes("--no-build") ? [] : ["--build"]), ...args];
  terminal.note(`> ${[...compose.words, ...up].map(plainLine).join(" ")}`);
  if ((await compose.run(up)) !== 0) throw await explained(compose, terminal);
  if (!(await comesUp(compose, doors))) throw await explained(compose, terminal);
  return { repositories, doors };
}

/** Compose would make a folder that is missing as root's. */
function makeRepositories(environment: ComposeEnvironment, root: string): string | undefined {
  const given = settingOf("GIT_FOLDER", environment) ?? "./repositories";
  if (!/^[./~]/.test(given)) return undefined;
  const folder = resolve(root, given);
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch (cause) {
    throw new CommandError(`GIT_FOLDER ${folder} cannot be made: ${(cause as Error).message}`, { cause });
  }
}

/** What `npm start` leaves in its data folder for hooks and commands. */
function tellHooks(data: string, environment: ComposeEnvironment, doors: readonly Door[]): void {
  const secret = (name: string): string => settingOf(name, environment) ?? "";
  keepSecrets(data, {
    webhook: secret("WEBHOOK_SECRET"),
    author_key: secret("AUTHOR_KEY"),
    api_token: secret("API_TOKEN"),
  });
  const at = (name: string): string => doors.find(({ variable }) => variable === name)?.address ?? "";
  announceHouse(data, { webhookUrl: at("WEBHOOK_PORT"), apiUrl: at("DASHBOARD_PORT") });
}

/** Waits until every container is well and the doors are open; false where one has ended, or it takes too long. */
async function comesUp(compose: ComposeProgram, doors: readonly Door[]): Promise<boolean> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    const unwell = await unwellContainers(await compose.containers());
    if (unwell.some(({ mayBecomeWell }) => !mayBecomeWell)) return false;
    if (unwell.length === 0 && !(await Promise.all(doors.map(isOpen))).includes(false)) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}

/** The error, once each container that is not well was shown with what it said last. */
async function explained(compose: ComposeProgram, terminal: Terminal): Promise<CommandError> {
  const unwell = await unwellContainers(await compose.containers());
  for (const { service, what, said } of unwell) {
    terminal.note(`\n${plainLine(service)} ${what}; it said last:`);
    for (const line of said.split("\n")) terminal.note(`  ${plainLine(line)}`);
  }
  if (unwell.length === 0) return new CommandError("the house did not come up: what compose says above is why");
  const names = unwell.map(({ service }) => service).join(", ");
  return new CommandError(
    `${plainLine(names)} did not come up: mend what is said above, and give the same command again; it goes on from there`,
  );
}
