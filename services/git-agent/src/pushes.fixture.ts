import { clockTick, gitPush, type DataOf, type Envelope, type EventOf } from "@contextpilot/events";
import type { Outcome } from "@contextpilot/messaging";
import { timeOf, type Stage, type Told } from "@contextpilot/testing";

export const ZEROS = "0".repeat(40);

/** A push to the shop's `main` at 10:00, as the webhook says it. */
export function pushed(after: string, over: Partial<DataOf<"git.push.v1">> = {}): Told {
  const data = { repository: "shop", ref: "refs/heads/main", before: ZEROS, after, forced: false, ...over };
  const { repository, ref, before } = data;
  return { at: "10:00", draft: gitPush(data, { key: [repository, ref, before, after] }) };
}

/** The clock at so many minutes past ten. */
export function tick(minute: number): Told {
  const at = `10:${String(minute).padStart(2, "0")}`;
  return { at, draft: clockTick({ minute: timeOf(at) }, { key: [timeOf(at)] }) };
}

/** Lets the clock tick, and gives how that went. */
export async function tellTicks(stage: Stage<"git-agent">, ...minutes: readonly number[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const minute of minutes) outcomes.push(...(await stage.tell(tick(minute))));
  return outcomes;
}

export const noteOf = ([outcome]: readonly Outcome[]) => (outcome?.kind === "handled" ? outcome.note : undefined);

/** The commits among what was said. */
export function commitsIn(said: readonly Envelope[]): readonly EventOf<"git.commit.v1">["data"][] {
  const commits = said.filter((event) => event.event_type === "git.commit.v1");
  return commits.map((event) => event.data as EventOf<"git.commit.v1">["data"]);
}

export const hashesIn = (said: readonly Envelope[]): readonly string[] =>
  commitsIn(said).map(({ commit_hash }) => commit_hash);
