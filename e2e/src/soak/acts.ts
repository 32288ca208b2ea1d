import type { Stay } from "../checker/witnesses.ts";
import { linesIn } from "./log-lines.ts";

/** A line of the worker's log: what it did in the world, and until when. */
export interface Act extends Stay {
  readonly until: number;
}

/** After so long without being renewed a claim has lapsed. */
export const LEASE_MS = 20_000;

/** The acts that an end of a worker's log tells of, and of which it does not tell the end. */
export function actsUnderWay(log: string): readonly Stay[] {
  const underWay = new Map<string, Stay>();
  for (const { begun, act } of linesIn(log, ['"begun":', '"act":'])) {
    if (begun !== undefined) underWay.set(begun.event_id, begun);
    if (act !== undefined) underWay.delete(act.event_id);
  }
  return [...underWay.values()];
}

/** The acts that an end of a worker's log tells of. */
export const actsBegun = (log: string): readonly Stay[] =>
  linesIn(log, ['"begun":']).flatMap(({ begun }) => (begun === undefined ? [] : [begun]));

/** Those that whoever was at them slept through, beyond its lease. */
export const sleptThrough = (acts: readonly Act[]): readonly Act[] =>
  acts.filter(({ from, until }) => until - from > LEASE_MS);

/** Those of which the claim was taken by another in that sleep. */
export const takenOver = (acts: readonly Act[]): readonly Act[] =>
  sleptThrough(acts).filter((slept) =>
    acts.some(({ claim, from }) => claim === slept.claim && from > slept.from && from < slept.until),
  );
