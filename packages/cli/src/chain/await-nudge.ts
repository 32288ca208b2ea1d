import type { House } from "../house/start-house.ts";
import { followChains, type ChainBeginnings, type ChainStep } from "./follow-chain.ts";
import { hasNudge, isOver } from "./is-over.ts";
import type { ChainEnd, ChainPrinter } from "./print-chain.ts";

export interface AwaitedPush {
  /** What the push brings. */
  readonly commit: string;
  readonly push: () => Promise<void>;
  /** How long the nudge may take. */
  readonly limitMs: number;
  /** How long the others may take after it, to end the chain. */
  readonly graceMs: number;
  readonly beginnings: ChainBeginnings;
}

/**
 * Prints the chain of one push as it comes, and resolves when its nudge is there (and the others are done, or `graceMs` over), when
 * it has ended without one, or after `limitMs`: then with the step at which it stopped, and why.
 */
export async function awaitNudge(
  house: House,
  printer: ChainPrinter,
  { commit, push, limitMs, graceMs, beginnings }: AwaitedPush,
): Promise<ChainEnd> {
  const steps: Step[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let grace: NodeJS.Timeout | undefined;
  const stop = followChains(house, beginnings, (correlationId, step) => {
    steps.push({ correlationId, step });
    printer.step(correlationId, step);
    const chain = chainOf(steps, commit);
    if (isOver(chain)) resolve();
    else if (hasNudge(chain)) grace ??= setTimeout(resolve, graceMs);
  });
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  // Holds up no process that was told to stop meanwhile.
  const timer = setTimeout(giveUp, limitMs).unref();
  try {
    await push();
    await Promise.race([ended, late]);
    return endOf(steps, commit, limitMs);
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    stop();
  }
}

interface Step {
  readonly correlationId: string;
  readonly step: ChainStep;
}

/** The steps of the chain that the commit's push began; none before that push was seen. */
function chainOf(steps: readonly Step[], commit: string): readonly ChainStep[] {
  const correlationId = correlationIdOf(steps, commit);
  return steps.filter((one) => one.correlationId === correlationId).map(({ step }) => step);
}

const correlationIdOf = (steps: readonly Step[], commit: string): string | undefined =>
  steps.find(({ step }) => step.kind === "event" && saysCommit(step, commit))?.correlationId;

function endOf(steps: readonly Step[], commit: string, limitMs: number): ChainEnd {
  const correlationId = correlationIdOf(steps, commit);
  const chain = chainOf(steps, commit);
  const events = chain.filter((step) => step.kind === "event");
  const nudge = events.find(({ event }) => event.event_type === "coach.nudge.v1");
  if (correlationId !== undefined && nudge !== undefined) {
    return { kind: "complete", correlationId, events: events.length, ms: nudge.atMs };
  }
  const silence = tellingSilence(chain);
  const last = events.at(-1);
  const why =
    silence?.why ?? `nobody went on from there within ${limitMs / 1000} s; house.log in the data folder says more`;
  const at =
    silence?.service ??
    (last === undefined ? "webhook (no event of the push arrived)" : `${last.event.source} (${last.event.event_type})`);
  return { kind: "stopped", correlationId, events: events.length, at, why };
}

/**
 * Why no nudge came: whoever nudges says it best, then whoever failed. That another had nothing to say explains it only where nobody
 * is still to be heard.
 */
function tellingSilence(chain: readonly ChainStep[]): Extract<ChainStep, { kind: "silence" }> | undefined {
  const silences = chain.filter((step) => step.kind === "silence");
  return (
    silences.findLast(({ service }) => service === "coach-agent") ??
    silences.findLast(({ final }) => !final) ??
    (isOver(chain) ? silences.at(-1) : undefined)
  );
}

const saysCommit = (step: Extract<ChainStep, { kind: "event" }>, commit: string): boolean =>
  (step.event.data as { readonly after?: unknown }).after === commit;
