import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { openDataFolder } from "../house/data-folder.ts";
import { readHouseAddress, type HouseAddress } from "../house/house-address.ts";
import { loadSecrets } from "../house/secrets.ts";
import { hookState } from "../watch/hook-file.ts";
import { importHistory, type Imported } from "../watch/import-history.ts";
import { readHistory, type History } from "../watch/read-history.ts";
import { unwatchRepository, watchRepository, type Watching } from "../watch/watch-repository.ts";
import { WatchedRepositories } from "../watch/watched-repositories.ts";
import { HouseApi } from "./house-api.ts";
import { dataOption, jsonOption } from "./options.ts";
import { plainJson, plainLine } from "./plain-text.ts";
import { sinceOption } from "./since-option.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  $ ./contextpilot watch /srv/git/shop.git
  $ ./contextpilot watch ~/code/till --name till
  $ ./contextpilot watch /srv/git/shop.git --since 90d`;

const NO_REMOTE =
  "It has no remote: the house hears of it once there is one, and something is pushed there or fetched.";

/** `contextpilot watch`: a repository of one's own tells the house of each push. */
export const watchCommand = (terminal: Terminal, stopSignal: () => AbortSignal): CommandUnknownOpts =>
  new Command("watch")
    .description(
      "follow a repository from now on: a bare one by what is pushed to it, a clone by what it pushes and fetches",
    )
    .argument("<path>", "the repository; its hook is installed, and one that is there is kept and called")
    .option("--name <name>", "how the house calls it (default: the folder's name)")
    .addOption(sinceOption())
    .addOption(jsonOption())
    .addOption(dataOption())
    .addHelpText("after", EXAMPLES)
    .action(async (path, { name, since, json, data }) => {
      const { path: dataFolder } = openDataFolder(data);
      const watching = await watchRepository(new WatchedRepositories(dataFolder), { path, name, dataFolder });
      if (!json) {
        terminal.print(
          `${watching.again ? "Still watching" : "Watching"} ${plainLine(watching.name)}, by ${plainLine(watching.hook)}`,
        );
        if (!watching.hasRemote) terminal.note(NO_REMOTE);
      }
      const done =
        since === undefined ? undefined : await importSince(since, watching, dataFolder, terminal, stopSignal);
      if (json) terminal.print(plainJson({ ...shown(watching.name, watching), ...(done && { imported: done }) }));
      else if (done !== undefined) terminal.print(inWords(done));
    });

/** What came of an import, in the end. */
interface ImportEnd extends Imported {
  /** Of the history from then on. */
  readonly total: number;
  readonly seconds: number;
}

/** Undefined where no house runs that could take it: then it is said how to come back to it. */
async function importSince(
  since: string,
  { name, git_folder: gitFolder, remote }: Watching,
  data: string,
  terminal: Terminal,
  stopSignal: () => AbortSignal,
): Promise<ImportEnd | undefined> {
  const history = await readHistory({ gitFolder, remote }, since);
  const address = await runningHouse(data);
  if (address === undefined) {
    terminal.note(
      "No house runs, so no history was imported: start it with ./contextpilot up, and watch again with --since",
    );
    terminal.fail();
    return undefined;
  }
  const { apiUrl, webhookUrl } = address;
  const house = new HouseApi({ api: apiUrl, data });
  const place = { house, webhookUrl, secret: loadSecrets(data).webhook, repository: name, gitFolder };
  const beganAt = performance.now();
  const seconds = (): number => (performance.now() - beganAt) / 1000;
  const onProgress = ({ measured }: Imported): void => terminal.progress(progressOf(measured, history, seconds()));
  const imported = await importHistory(place, history, { signal: stopSignal(), onProgress });
  if (imported.commits < history.commits) terminal.fail();
  return { ...imported, total: history.commits, seconds: Math.round(seconds() * 10) / 10 };
}

/** Where the house of the folder listens; undefined where it does not, or was killed. */
async function runningHouse(data: string): Promise<HouseAddress | undefined> {
  const address = readHouseAddress(data);
  if (address === undefined) return undefined;
  const answers = new HouseApi({ api: address.apiUrl, data }).get("/chains", { limit: 1 });
  return answers.then(
    () => address,
    () => undefined,
  );
}

const progressOf = (measured: number, { commits }: History, seconds: number): string =>
  `measured ${counted(measured)} of ${counted(commits)} commits, ${counted(Math.round(measured / seconds))} a second`;

function inWords({ commits, measured, total, seconds }: ImportEnd): string {
  if (total === 0) return "Nothing was committed to its default branch since then: there is nothing to import.";
  if (commits < total) {
    return `Stopped after ${counted(commits)} of ${counted(total)} commits: the same command again goes on.`;
  }
  const known = commits - measured > 0 ? `, ${counted(commits - measured)} of them known before` : "";
  return `Imported ${counted(total)} commits in ${seconds} s${known}. They are known now, and nudge nobody.`;
}

const counted = (count: number): string => count.toLocaleString("en-US");

/** `contextpilot unwatch`: takes the hook away, and puts back what was there. */
export const unwatchCommand = (terminal: Terminal): CommandUnknownOpts =>
  new Command("unwatch")
    .description("follow a repository no longer: its hook goes, and the one that was there before is back")
    .argument("<path>", "the repository, or its name")
    .addOption(jsonOption())
    .addOption(dataOption())
    .action((path, { json, data }) => {
      const gone = unwatchRepository(new WatchedRepositories(data), path);
      terminal.print(json ? plainJson(shown(gone.name, gone)) : `No longer watching ${plainLine(gone.name)}`);
    });

/** `contextpilot watched`: the repositories that tell this house. */
export const watchedCommand = (terminal: Terminal): CommandUnknownOpts =>
  new Command("watched")
    .description("the repositories that the house follows, and how their hooks are")
    .addOption(jsonOption())
    .addOption(dataOption())
    .action(({ json, data }) => {
      const all = Object.entries(new WatchedRepositories(data).all());
      for (const [name, entry] of all) {
        const state = hookState(entry.hook, entry.hook_sha256);
        if (json) terminal.print(plainJson({ ...shown(name, entry), hook_state: state }));
        else
          terminal.print(
            `${terminal.colours.bold(plainLine(name))}  ${plainLine(entry.path)}  ${state === "installed" ? "" : terminal.colours.red(`its hook is ${state}: watch it again`)}`.trimEnd(),
          );
      }
      if (all.length === 0 && !json) terminal.print("No repository is watched: ./contextpilot watch <path>");
    });

const shown = (name: string, { path, hook }: { readonly path: string; readonly hook: string }) => ({
  name,
  path,
  hook,
});
