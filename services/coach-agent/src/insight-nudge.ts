import { derivedId, type DataOf, type Priority, type Severity } from "@contextpilot/events";
import { action, pathspec, seeChain, seeLog } from "./actions.ts";
import type { Nudge } from "./nudge.ts";
import { command, shown } from "./wording.ts";

type Insight = DataOf<"strategy.insight.v1">;

/** What one makes of an insight, by the rule that found it. */
interface Advice {
  /** With the files as they fit in, and the number that tells most. */
  title(insight: Insight): string;
  /** Why it is worth a few minutes now; a sentence. */
  readonly reason: string;
  readonly minutes: number;
  /** What to do beside looking where it comes from. */
  actions(insight: Insight): readonly string[];
}

const PRIORITY_OF: Readonly<Record<Severity, Priority>> = { high: "high", medium: "normal", low: "low" };

const ADVICE: Readonly<Record<string, Advice>> = {
  hotspot: {
    title: ({ files: [file = ""], evidence: { score = 0 } }) =>
      `Make ${shown(file, 36)} easier to change: a hotspot, score ${score}`,
    reason: "What is hard to read costs the more, the more often it is read; who has just changed it knows it best.",
    minutes: 20,
    actions: ({ files }) => [
      seeLog(...files.slice(0, 1)),
      "Take its deepest block out into a function with a name and a test of its own.",
    ],
  },
  coupling: {
    title: ({ files: [a = "", b = ""], evidence: { degree_percent = 0 } }) =>
      `${shown(a, 25)} and ${shown(b, 25)} change together (${degree_percent} %)`,
    reason: "Who changes one of them must think of the other, and nothing says so.",
    minutes: 10,
    actions: ({ files }) => [
      seeLog(...files.slice(0, 2)),
      "Move what they share to one place, or say in both why they change together.",
    ],
  },
  "sole-author": {
    title: ({ files: [file = ""], evidence: { changes = 0 } }) =>
      `Show ${shown(file, 36)} to a colleague: ${changes} changes, all yours`,
    reason: "What one person alone knows waits while they are away.",
    minutes: 15,
    actions: ({ files: [file = ""] }) => [
      action(
        "Find who knows what is around it",
        command("git", "shortlog", "-sn", "HEAD", "--", pathspec(file.slice(0, file.lastIndexOf("/") + 1) || ".")),
      ),
      "Ask one of them to review your next change to it, or to make it with you.",
    ],
  },
};

const UNKNOWN: Advice = {
  title: ({ title }) => shown(title, 80),
  reason: "It shows in the history, not in any one change.",
  minutes: 10,
  actions: ({ files }) => [seeLog(...files.slice(0, 2))],
};

/** The nudge that tells of an insight: what was found, its numbers, and what to type. The same insight gives the same nudge_id. */
export function insightNudge(
  insight: Insight,
  { event_id, correlation_id }: { event_id: string; correlation_id: string },
): Nudge {
  const { insight_id, rule, repository, title, files, evidence, severity, commit_hash } = insight;
  const advice = Object.hasOwn(ADVICE, rule) ? (ADVICE[rule] ?? UNKNOWN) : UNKNOWN;
  return {
    nudge_id: derivedId("nudge", "insight", insight_id),
    rule: shown(rule),
    repository,
    title: advice.title(insight),
    why_now: `${shown(title, 200)} (${inNumbers(evidence)}). ${advice.reason}`,
    next_actions: [...advice.actions(insight), seeChain(correlation_id)],
    eta_minutes: advice.minutes,
    priority: PRIORITY_OF[severity],
    links: files.slice(0, 2).map((file) => shown(`${repository}@${commit_hash}:${file}`, 400)),
    related_events: [event_id],
  };
}

/** `score 2998, threshold 2000`: six of them at most. */
function inNumbers(evidence: Insight["evidence"]): string {
  const numbers = Object.entries(evidence).slice(0, 6);
  return numbers.map(([name, value]) => `${shown(name, 40).replaceAll("_", " ")} ${value}`).join(", ") || "no numbers";
}
