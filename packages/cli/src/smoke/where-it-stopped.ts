import { topicOf, resolveTopology, subscriptionsFor } from "@contextpilot/topology";
import type { Envelope } from "@contextpilot/events";
import { wrong } from "../doctor/finding.ts";
import type { SeenChain } from "./await-nudge.ts";
import type { Check } from "./check.ts";

const CHECK = "chain";

/** Who brings the chain on, and what each hears and says. */
const LINKS = [
  { hears: "git.push.v1", service: "git-agent", says: "git.commit.v1" },
  { hears: "git.commit.v1", service: "context-agent", says: "context.update.v1" },
  { hears: "context.update.v1", service: "coach-agent", says: "coach.nudge.v1" },
] as const;

/** What else it may be than an agent that does not run. */
const HINTS = {
  "git-agent": "may read the repository (GIT_REPOSITORIES, GIT_TOKEN)",
  "context-agent": "has no TENANT_ID, or --tenant names it",
  "coach-agent": "finds something in a push of your own: 30 new lines without a test",
} as const satisfies Record<(typeof LINKS)[number]["service"], string>;

/** The first step that is missing of a chain without a nudge: who gave something up, else who said nothing, else that none is shown. */
export function whereItStopped(first: Envelope, { events, deadLetters }: SeenChain): Check {
  const log = `the log's lines with jsonPayload.correlation_id="${first.correlation_id}"`;
  const dead = deadLetters.find(({ consumer }) => LINKS.some(({ service }) => service === consumer));
  if (dead !== undefined) {
    const { consumer, event_type = "an event", code, reason } = dead;
    return wrong(CHECK, `${consumer} gave up ${event_type} (${code}): ${reason}`, `mend the cause; see ${log}`);
  }
  const link = LINKS.findLast(({ hears }) => events.some(({ event_type }) => event_type === hears));
  if (link === undefined) {
    const { event_type } = first;
    const feed = shownBy(event_type);
    return wrong(
      CHECK,
      `the dashboard has shown nothing of it, not even the ${event_type}, which dashboard-feed hears by ${feed}`,
      `see that dashboard-feed runs, that ${feed} is pushed to it, and that --database is the one that it writes to`,
    );
  }
  const { service, hears, says } = link;
  const subscription = subscriptionsFor(hears).find((each) => each.service === service)?.name ?? "no subscription";
  return wrong(
    CHECK,
    `it stopped at ${service}: there is no ${says} of the ${hears}, which it hears by ${subscription}`,
    `see that ${service} runs, that ${subscription} is pushed to it, and that it ${HINTS[service]}; see ${log}`,
  );
}

/** The subscription by which the dashboard hears an event type. */
function shownBy(eventType: string): string {
  const topic = topicOf(eventType);
  const found = resolveTopology().subscriptions.find((each) => each.service === "dashboard" && each.topic === topic);
  return found?.name ?? "no subscription";
}
