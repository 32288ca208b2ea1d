import { resolveTopology } from "@contextpilot/topology";
import { HEARD_BY_WITNESSES, keeps, type Heard } from "../checker/witnesses.ts";

/** Which agents live, and in how many processes. Nine processes in all, beside bus, webhook and clock. */
export type Roster = Readonly<Record<string, number>>;

/** Bus, webhook and clock, and each process of the agents. */
export const everybodyIn = (roster: Roster): readonly string[] => [
  "bus",
  "webhook",
  "clock",
  ...Object.keys(roster).flatMap((service) => namesOf(roster, service)),
];

/** What the agents of a roster hear. */
export function heardBy(roster: Roster): readonly Heard[] {
  const all: readonly Heard[] = [...resolveTopology().subscriptions, ...HEARD_BY_WITNESSES];
  return all.filter(({ service }) => service in roster);
}

/** `worker` where there is one process of it, `worker 1` and `worker 2` where there are two. */
export const namesOf = (roster: Roster, service: string): readonly string[] => {
  const processes = roster[service] ?? 0;
  return processes < 2 ? [service] : Array.from({ length: processes }, (_, index) => `${service} ${index + 1}`);
};

/** Keeps all that is said on any topic, but dead letters. */
export const SAID = keeps("*");
