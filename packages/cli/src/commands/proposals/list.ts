import type { Page, ProposalSummary } from "@contextpilot/dashboard";
import type { HouseApi } from "../house-api.ts";
import { plainJson, plainLine, shellWord } from "../plain-text.ts";
import { readPages } from "../read-pages.ts";
import type { Terminal } from "../terminal.ts";

export interface ListOptions {
  readonly repository?: string | undefined;
  readonly limit: number;
  readonly json: boolean;
  /** How the commands that are shown go on: `--data …` where it was given. */
  readonly sameHouse: string;
}

/** Shows the open proposals, the newest first; with `json` each as one line, without its patch. */
export async function listProposals(house: HouseApi, options: ListOptions, terminal: Terminal): Promise<void> {
  const { repository, limit, json, sameHouse } = options;
  const { items, more } = await readPages<ProposalSummary>(limit, (page) =>
    house.get<Page<ProposalSummary>>("/proposals", { repository, ...page }),
  );
  for (const proposal of items) {
    if (json) terminal.print(plainJson(proposal));
    else for (const line of proposalLines(proposal, sameHouse, terminal)) terminal.print(line);
  }
  if (json) return;
  if (items.length === 0) terminal.print("No proposal is open.");
  else if (more) terminal.print(`There are more: --limit ${limit * 2} shows them.`);
}

function proposalLines(proposal: ProposalSummary, sameHouse: string, { colours }: Terminal): readonly string[] {
  const { proposal_id, repository, type, title, source, impact, revision, seen_at } = proposal;
  const again = revision === 1 ? "" : `, revision ${revision}`;
  const patch = proposal.patch_bytes === 0 ? "without a patch" : "with a patch";
  return [
    `${colours.bold(plainLine(title))}  ${colours.cyan(plainLine(repository))}`,
    `    a ${plainLine(type)} by ${plainLine(source)}, ${impact} impact, ${patch}${again}  ${colours.dim(seen_at)}`,
    `    ./contextpilot proposals show ${shellWord(proposal_id)}${sameHouse}`,
    "",
  ];
}
