import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { examineDataFolder, examineHouse, examineSecrets } from "../doctor/examine-house.ts";
import { examineGit, examineNode, examinePort } from "../doctor/examine-machine.ts";
import { examineWatched } from "../doctor/examine-watched.ts";
import type { Finding } from "../doctor/finding.ts";
import { dataOption, jsonOption, portOption } from "./options.ts";
import { plainJson, plainLine } from "./plain-text.ts";
import type { Terminal } from "./terminal.ts";

/** `contextpilot doctor`: what is wrong, and how to mend it. It changes nothing. */
export const doctorCommand = (terminal: Terminal): CommandUnknownOpts =>
  new Command("doctor")
    .description(
      "what is wrong, and how to mend it: Node, git, ports, data folder, secrets, house, hooks; exits 1 then",
    )
    .addOption(jsonOption())
    .addOption(dataOption())
    .addOption(portOption("--port", "where the webhook would listen", 4700))
    .addOption(portOption("--api-port", "where the web API would listen", 4701))
    .action(async ({ json, data, port, apiPort }) => {
      const { finding, address } = await examineHouse(data);
      const findings: readonly Finding[] = [
        examineNode(),
        await examineGit(),
        examineDataFolder(data),
        examineSecrets(data),
        finding,
        // A house that runs has its ports.
        ...(address === undefined
          ? await Promise.all([examinePort(port, "--port"), examinePort(apiPort, "--api-port")])
          : []),
        ...(await examineWatched(data)),
      ];
      for (const each of findings) show(each, json, terminal);
      if (findings.some(({ state }) => state === "wrong")) terminal.fail();
    });

function show(finding: Finding, json: boolean, terminal: Terminal): void {
  if (json) return terminal.print(plainJson(finding));
  const { colours } = terminal;
  const { check, what } = finding;
  const state = finding.state === "ok" ? colours.green("ok   ") : colours.red("wrong");
  terminal.print(`${state}  ${plainLine(check).padEnd(14)}  ${plainLine(what)}`);
  if (finding.state === "wrong")
    terminal.print(`${" ".repeat(23)}${colours.bold("mend it:")} ${plainLine(finding.mend)}`);
}
