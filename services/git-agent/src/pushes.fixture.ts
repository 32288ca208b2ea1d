import { gitPush, type DataOf, type Envelope, type EventOf } from "@contextpilot/events";
import type { Told } from "@contextpilot/testing";

export const ZEROS = "0".repeat(40);

/** A push to the shop's `main` at 10:00, as the webhook says it. */
export function pushed(after: string, over: Partial<DataOf<"git.push.v1">> = {}): Told {
  const data = { repository: "shop", ref: "refs/heads/main", before: ZEROS, after, forced: false, ...over };
  const { repository, ref, before } = data;
  return { at: "10:00", draft: gitPush(data, { key: [repository, ref, before, after] }) };
}

/** The commits among what was said. */
export function commitsIn(said: readonly Envelope[]): readonly EventOf<"git.commit.v1">["data"][] {
  const commits = said.filter((event) => event.event_type === "git.commit.v1");
  return commits.map((event) => event.data as EventOf<"git.commit.v1">["data"]);
}

export const hashesIn = (said: readonly Envelope[]): readonly string[] =>
  commitsIn(said).map(({ commit_hash }) => commit_hash);
