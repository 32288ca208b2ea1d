import { derivedId, type DataOf, type Priority } from "@contextpilot/events";
import { action, houseCommand, seeChain, seeLog } from "./actions.ts";
import type { Nudge } from "./nudge.ts";
import { count, shown } from "./wording.ts";

type Proposal = DataOf<"proposal.created.v1">;

const PRIORITY_OF: Readonly<Record<Proposal["impact"], Priority>> = { high: "high", medium: "normal", low: "low" };

/** The nudge that tells of a proposal: what it says, why, and how to read and apply its patch, or where to begin without one. */
export function proposalNudge(
  proposal: Proposal,
  { event_id, correlation_id }: { event_id: string; correlation_id: string },
): Nudge {
  const { proposal_id, type, repository, title, reason, files, files_affected, impact, patch } = proposal;
  return {
    nudge_id: derivedId("nudge", "proposal", proposal_id),
    rule: shown(type),
    repository,
    title: shown(title, 80),
    why_now: `${shown(reason, 700)}${reason === "" ? "" : " "}It changes ${count(files_affected, "file")}${patch === undefined ? "; how, is yours to decide" : ", and its patch is ready"}.`,
    next_actions: [...(patch === undefined ? begin(proposal) : apply(proposal_id)), seeChain(correlation_id)],
    eta_minutes: patch === undefined ? 25 : 5,
    priority: PRIORITY_OF[impact],
    links: files.slice(0, 2).map((file) => shown(`${repository}:${file}`, 400)),
    related_events: [event_id],
  };
}

function apply(id: string): readonly string[] {
  const show = houseCommand("proposals", "show", id);
  return [
    action("Read it", show, "Read it: `./contextpilot proposals list` names it"),
    action("Apply it where you stand", show && `${show} --patch | git apply`, "Apply its patch with `git apply`"),
  ];
}

function begin({ proposal_id, files }: Proposal): readonly string[] {
  const [file] = files;
  return [
    ...(file === undefined ? [] : [seeLog(file)]),
    action(
      "Read it",
      houseCommand("proposals", "show", proposal_id),
      "Read it: `./contextpilot proposals list` names it",
    ),
  ];
}
