import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { openDataFolder } from "../house/data-folder.ts";
import { hookState } from "../watch/hook-file.ts";
import { unwatchRepository, watchRepository } from "../watch/watch-repository.ts";
import { WatchedRepositories } from "../watch/watched-repositories.ts";
import { dataOption, jsonOption } from "./options.ts";
import { plainJson, plainLine } from "./plain-text.ts";
import type { Terminal } from "./terminal.ts";

const EXAMPLES = `
Examples:
  $ ./contextpilot watch /srv/git/shop.git
  $ ./contextpilot watch ~/code/till --name till`;

const NO_REMOTE =
  "It has no remote: the house hears of it once there is one, and something is pushed there or fetched.";

/** `contextpilot watch`: a repository of one's own tells the house of each push. */
export const watchCommand = (terminal: Terminal): CommandUnknownOpts =>
  new Command("watch")
    .description(
      "follow a repository from now on: a bare one by what is pushed to it, a clone by what it pushes and fetches",
    )
    .argument("<path>", "the repository; its hook is installed, and one that is there is kept and called")
    .option("--name <name>", "how the house calls it (default: the folder's name)")
    .addOption(jsonOption())
    .addOption(dataOption())
    .addHelpText("after", EXAMPLES)
    .action(async (path, { name, json, data }) => {
      const { path: dataFolder } = openDataFolder(data);
      const watching = await watchRepository(new WatchedRepositories(dataFolder), { path, name, dataFolder });
      if (json) return terminal.print(plainJson(shown(watching.name, watching)));
      terminal.print(
        `${watching.again ? "Still watching" : "Watching"} ${plainLine(watching.name)}, by ${plainLine(watching.hook)}`,
      );
      if (!watching.hasRemote) terminal.note(NO_REMOTE);
    });

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
