import { hash } from "node:crypto";
import type { Proposal } from "@contextpilot/dashboard";
import { CommandError } from "../command-error.ts";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine, plainLines, shellWord } from "../plain-text.ts";
import type { Terminal } from "../terminal.ts";

export interface ShowOptions {
  /** The patch's bytes and nothing else. */
  readonly patch: boolean;
  readonly json: boolean;
  /** How the commands that are shown go on: `--data …` where it was given. */
  readonly sameHouse: string;
}

/** Shows one proposal: what, why and how to take it; with `patch` the patch alone, checked against its hash. */
export async function showProposal(
  house: HouseApi,
  id: string,
  { patch, json, sameHouse }: ShowOptions,
  terminal: Terminal,
): Promise<void> {
  const proposal = await house.get<Proposal>(`/proposals/${encodeURIComponent(id)}`);
  if (patch) terminal.write(patchOf(proposal, terminal));
  else if (json) terminal.print(plainJson(proposal));
  else for (const line of linesOf(proposal, sameHouse, terminal)) terminal.print(line);
}

function patchOf({ proposal_id, patch, patch_sha256 }: Proposal, { isForPeople }: Terminal): Uint8Array {
  const what = `the proposal ${plainLine(proposal_id)}`;
  if (patch === undefined) throw new CommandError(`${what} has no patch: a person has to do the work`);
  if (isForPeople) {
    throw new CommandError(
      "--patch writes its bytes as they are, which could command a terminal: | git apply, or > file",
    );
  }
  const bytes = Buffer.from(patch, "utf8");
  if (patch_sha256 !== undefined && hash("sha256", bytes, "hex") !== patch_sha256) {
    throw new CommandError(`the patch of ${what.slice("the ".length)} is not what its hash says: do not apply it`);
  }
  return bytes;
}

function linesOf(proposal: Proposal, sameHouse: string, { colours }: Terminal): readonly string[] {
  const { proposal_id, title, type, source, repository, impact, files, files_affected, revision, patch } = proposal;
  const seen = revision === 1 ? proposal.first_seen_at : `${proposal.seen_at}, the first ${proposal.first_seen_at}`;
  const more = files_affected > files.length ? `, ${files_affected} in all` : "";
  const about: readonly (readonly [string, string | undefined])[] = [
    ["what", `a ${type} by ${source}, ${impact} impact`],
    ["repository", repository],
    ["files", `${files.join(", ")}${more}`],
    ["applies to", proposal.base_commit],
    ["revision", `${revision}, seen ${seen}`],
    ["author", proposal.user_id],
    ["chain", `./contextpilot chains ${shellWord(proposal.correlation_id)}${sameHouse}`],
  ];
  const command = `./contextpilot proposals show ${shellWord(proposal_id)}${sameHouse} --patch | git apply`;
  return [
    colours.bold(plainLine(title)),
    ...about.flatMap(([name, value]) =>
      value === undefined ? [] : [`  ${colours.dim(name.padEnd(10))} ${plainLine(value)}`],
    ),
    "",
    ...(proposal.reason === "" ? [] : [plainLines(proposal.reason), ""]),
    ...(patch === undefined
      ? ["It has no patch: a person has to do the work."]
      : [...patchLines(patch, colours), "", `Take it, in a clone of ${plainLine(repository)}:  ${command}`]),
  ];
}

function patchLines(patch: string, colours: Terminal["colours"]): readonly string[] {
  return plainLines(patch)
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      if (line.startsWith("@@")) return colours.cyan(line);
      if (line.startsWith("+")) return colours.green(line);
      return line.startsWith("-") ? colours.red(line) : line;
    });
}
