import { definitionOf, type AnyEvent, type Envelope } from "@contextpilot/events";

/** What an event says, in a few words for people. */
export function inWords(envelope: Envelope): string {
  const read = definitionOf(envelope.event_type)?.read(envelope.data);
  if (read === undefined || !read.ok) return "";
  const event = { ...envelope, data: read.value } as AnyEvent;
  switch (event.event_type) {
    case "git.push.v1": {
      const { repository, ref, before, after, cursor } = event.data;
      const more = cursor === undefined ? "" : `, from commit ${cursor.offset + 1} on`;
      return `${repository} ${ref.replace("refs/heads/", "")}: ${short(before)} → ${short(after)}${more}`;
    }
    case "git.commit.v1": {
      const { commit_hash, message, files_total, lines_added, lines_removed } = event.data;
      return `${short(commit_hash)} ${firstLine(message)} (${files(files_total)}, +${lines_added} −${lines_removed})`;
    }
    case "context.update.v1": {
      const { commit_hash, change_type, impact_score, files_changed } = event.data;
      const [first, ...others] = files_changed;
      const where = first === undefined ? "" : `: ${first}${others.length === 0 ? "" : ` and ${others.length} more`}`;
      return `${short(commit_hash)} is a ${change_type} with impact ${impact_score} of 10${where}`;
    }
    case "spec.update.v1": {
      const { commit_hash, documents } = event.data;
      return `${short(commit_hash)} changes ${files(documents.length)} of documentation: ${printable(documents[0]?.path ?? "")}`;
    }
    case "strategy.insight.v1":
      return `${printable(event.data.title)} (${event.data.severity})`;
    case "proposal.created.v1":
    case "proposal.updated.v1": {
      const { title, type, files_affected, impact, revision } = event.data;
      const again = revision === 1 ? "" : `, revision ${revision}`;
      return `${printable(title)} (a ${type} of ${files(files_affected)}, ${impact} impact${again})`;
    }
    case "clock.tick.v1":
      return `it is ${event.data.minute}`;
    case "coach.nudge.v1":
      return `${event.data.title} (${event.data.priority}, about ${event.data.eta_minutes} min)`;
  }
}

const short = (hash: string): string => (/^0+$/.test(hash) ? "nothing" : hash.slice(0, 7));
const files = (count: number): string => `${count} ${count === 1 ? "file" : "files"}`;

/** What a terminal would take for a command is left out. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "");

function firstLine(message: string): string {
  const line = printable(message.split("\n", 1)[0] ?? "");
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}
