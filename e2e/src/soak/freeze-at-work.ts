import { setTimeout as delay } from "node:timers/promises";
import { until } from "@contextpilot/testing";
import type { Stay } from "../checker/witnesses.ts";
import { actsBegun, actsUnderWay } from "./acts.ts";
import type { Resident } from "./resident.ts";

/** There is work to be met in by then, or none comes. */
const MET_WITHIN_MS = 20_000;
/** A process that is told to stop may get to its next line. */
const STOPS_WITHIN_MS = 50;

/** Freezes a worker in the middle of its acts; gives those. Undefined where it did not come to any: it is not frozen then. */
export async function freezeAtWork(worker: Resident): Promise<readonly Stay[] | undefined> {
  let met: readonly Stay[] = [];
  const meets = async (): Promise<boolean> => {
    if (!worker.isAwake || actsUnderWay(worker.lastLines()).length === 0) return false;
    worker.freeze();
    await delay(STOPS_WITHIN_MS);
    met = actsUnderWay(worker.lastLines());
    if (met.length === 0) worker.thaw();
    return met.length > 0;
  };
  await until(meets, "an act", { withinMs: MET_WITHIN_MS, everyMs: 5 }).catch(() => {});
  return met.length > 0 ? met : undefined;
}

/** Whether somebody is at work, or was, under a claim of these acts since they began. */
export const areTakenOver = (met: readonly Stay[], others: readonly Resident[]): boolean =>
  others.some((other) =>
    actsBegun(other.lastLines()).some(({ claim, from }) =>
      met.some((each) => each.claim === claim && each.from < from),
    ),
  );
