import type { House } from "../house/start-house.ts";
import { followChains, type ChainStep } from "./follow-chain.ts";
import type { ChainEnd, ChainPrinter } from "./print-chain.ts";

/**
 * Prints the chain of one push as it comes, and resolves when its nudge is there, when it has ended without one, or after
 * `limitMs`: then with the step at which it stopped, and why. `push` begins it; `commit` is what it brings.
 */
export async function awaitNudge(
  house: House,
  printer: ChainPrinter,
  { commit, push, limitMs }: { readonly commit: string; readonly push: () => Promise<void>; readonly limitMs: number },
): Promise<ChainEnd> {
  const steps: { correlationId: string; step: ChainStep }[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const stop = followChains(house, (correlationId, step) => {
    steps.push({ correlationId, step });
    printer.step(correlationId, step);
    if (step.kind === "silence" ? step.final : step.event.event_type === "coach.nudge.v1") resolve();
  });
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const timer = setTimeout(giveUp, limitMs);
  try {
    await push();
    await Promise.race([ended, late]);
    return endOf(steps, commit, limitMs);
  } finally {
    clearTimeout(timer);
    stop();
  }
}

function endOf(
  steps: readonly { correlationId: string; step: ChainStep }[],
  commit: string,
  limitMs: number,
): ChainEnd {
  const correlationId = steps.find(({ step }) => step.kind === "event" && saysCommit(step, commit))?.correlationId;
  const chain = steps.filter((one) => one.correlationId === correlationId).map(({ step }) => step);
  const events = chain.filter((step) => step.kind === "event");
  const nudge = events.find(({ event }) => event.event_type === "coach.nudge.v1");
  if (correlationId !== undefined && nudge !== undefined) {
    return { kind: "complete", correlationId, events: events.length, ms: nudge.atMs };
  }
  const silence = chain.findLast((step) => step.kind === "silence");
  const last = events.at(-1);
  const why =
    silence?.why ?? `nobody went on from there within ${limitMs / 1000} s; house.log in the data folder says more`;
  const at =
    silence?.service ??
    (last === undefined ? "webhook (no event of the push arrived)" : `${last.event.source} (${last.event.event_type})`);
  return { kind: "stopped", correlationId, events: events.length, at, why };
}

const saysCommit = (step: Extract<ChainStep, { kind: "event" }>, commit: string): boolean =>
  (step.event.data as { readonly after?: unknown }).after === commit;
