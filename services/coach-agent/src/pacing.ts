import { coachNudge, PRIORITIES, type Cause } from "@contextpilot/events";
import * as z from "zod";
import type { Nudge } from "./nudge.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Between two nudges to one person. */
export const GAP_MS = 30 * MINUTE;
export const MOST_PENDING = 3;
/** So long a finding from elsewhere waits for what its commit itself gives reason to say: the more urgent one speaks first. */
const SETTLING_MS = MINUTE;
/** What waited longer is no longer about what the person is doing. */
export const PENDING_FOR_MS = DAY;
/** For so long a finding that was told is not told again. */
export const TOLD_FOR_MS = 7 * DAY;
/** More cannot be told in a week: a nudge each half hour, of three findings at most. */
const MOST_TOLD = 3 * (TOLD_FOR_MS / GAP_MS);

const waiting = z.object({
  /** The ids of the findings it tells, its own first. */
  findings: z.array(z.string()).min(1),
  found_at: z.iso.datetime(),
  person: z.string(),
  not_before: z.iso.datetime().optional(),
  /** The event in whose chain it was found. */
  cause: z.object({ event_id: z.string(), correlation_id: z.string(), hops: z.int() }),
  nudge: z.custom<Nudge>((value) => coachNudge.read(value).ok),
});

/** How far a person has been nudged: what the coach remembers of them. */
export const paceSchema = z.object({
  nudged_at: z.iso.datetime().optional(),
  /** What was told within the last week, the oldest first. */
  told: z.array(z.object({ finding: z.string(), at: z.iso.datetime() })).default([]),
  /** What waits for its turn, the most urgent first. */
  pending: z.array(waiting).max(MOST_PENDING).default([]),
});
export type Pace = z.output<typeof paceSchema>;

/** A nudge that could be offered, and the ids of the findings that it tells, its own first. */
export interface Candidate {
  readonly findings: readonly string[];
  readonly nudge: Nudge;
  readonly person: string;
  readonly cause: Cause;
  /** Waits at least until then (UTC, ISO 8601). */
  readonly not_before?: string | undefined;
}

export interface Paced {
  readonly pace: Pace;
  /** The one to offer now. */
  readonly offer: Candidate | undefined;
}

/** When somebody must look at a person's pace again: the next nudge may be told, or nothing waits. */
export function nextTurnAt({ nudged_at, pending }: Pace): string | undefined {
  if (pending.length === 0) return undefined;
  const first = Math.min(...pending.map(({ not_before, found_at }) => Date.parse(not_before ?? found_at)));
  const gapEnds = nudged_at === undefined ? first : Date.parse(nudged_at) + GAP_MS;
  return new Date(Math.max(first, gapEnds)).toISOString();
}

/** Whether the person's last nudge lies far enough back for another. */
export function hasGap({ nudged_at }: Pace, now: Date): boolean {
  return nudged_at === undefined || ageOf(nudged_at, now) >= GAP_MS;
}

/** The earliest time for what follows from a commit by several ways: it must not depend on which of them was the quickest. */
export function settled(now: Date): string {
  return new Date(now.getTime() + SETTLING_MS).toISOString();
}

/** Whether the person was told this within the last week. */
export function wasTold(pace: Pace, finding: string, now: Date): boolean {
  return pace.told.some((told) => told.finding === finding && ageOf(told.at, now) < TOLD_FOR_MS);
}

/**
 * Offers at most one nudge, and at least 30 minutes after the last: the most urgent of those that wait and of the new one, of
 * equals the one that has waited longest. The others wait, three at most and a day at most: a more urgent one takes the
 * place of the least urgent, an equal one does not. Without a candidate it is what the clock asks.
 */
export function pacing(pace: Pace, candidate: Candidate | undefined, now: Date): Paced {
  const told = pace.told.filter(({ at }) => ageOf(at, now) < TOLD_FOR_MS);
  const queue = queueOf({ ...pace, told }, candidate, now);
  const next = hasGap(pace, now)
    ? queue.find(({ not_before = "" }) => !(Date.parse(not_before) > now.getTime()))
    : undefined;
  if (next === undefined) {
    return { offer: undefined, pace: { ...pace, told, pending: queue.slice(0, MOST_PENDING) } };
  }
  const rest = queue.filter((one) => one !== next);
  const at = now.toISOString();
  const newlyTold = next.findings.map((finding) => ({ finding, at }));
  return {
    offer: next,
    pace: { nudged_at: at, told: [...told, ...newlyTold].slice(-MOST_TOLD), pending: rest.slice(0, MOST_PENDING) },
  };
}

/** What may be told, the most urgent first; a finding that comes again takes the place of its older telling. */
function queueOf(pace: Pace, candidate: Candidate | undefined, now: Date): Pace["pending"] {
  const fresh = candidate && { ...candidate, findings: [...candidate.findings], found_at: now.toISOString() };
  const still = pace.pending.filter(
    ({ findings, found_at }) => ageOf(found_at, now) < PENDING_FOR_MS && findings[0] !== fresh?.findings[0],
  );
  return [...still, ...(fresh ? [fresh] : [])]
    .filter(({ findings: [own = ""] }) => !wasTold(pace, own, now))
    .toSorted((a, b) => urgency(b) - urgency(a));
}

function urgency({ nudge }: Candidate): number {
  return PRIORITIES.indexOf(nudge.priority);
}

function ageOf(at: string, now: Date): number {
  return now.getTime() - Date.parse(at);
}
