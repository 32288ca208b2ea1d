import type { Envelope } from "@contextpilot/events";
import { colours } from "../colours.ts";
import type { ChainStep } from "./follow-chain.ts";
import { inWords } from "./in-words.ts";

/** How a chain that was waited for ended. */
export type ChainEnd =
  | { readonly kind: "complete"; readonly correlationId: string; readonly events: number; readonly ms: number }
  | {
      readonly kind: "stopped";
      readonly correlationId: string | undefined;
      readonly events: number;
      readonly at: string;
      readonly why: string;
    };

/** Where a chain is shown: for people, or as one JSON object a line for machines. */
export interface ChainPrinter {
  step(correlationId: string, step: ChainStep): void;
  end(end: ChainEnd): void;
}

type Write = (line: string) => void;

export const printForPeople = (write: Write): ChainPrinter => ({
  step: (_correlationId, step) => {
    const time = `${step.atMs} ms`.padStart(10);
    if (step.kind === "silence") {
      write(
        `${colours.dim(time)}  ${step.service.padEnd(14)} ${colours.dim(`${step.eventType.replace(/\.v\d+$/, "").padEnd(15)} ${step.why}`)}`,
      );
      return;
    }
    const { event } = step;
    const family = event.event_type.replace(/\.v\d+$/, "").padEnd(15);
    write(`${colours.dim(time)}  ${colours.cyan(event.source.padEnd(14))} ${family} ${inWords(event)}`);
    for (const line of nudgeLines(event)) write(`${" ".repeat(28)}${line}`);
  },
  end: (end) => {
    if (end.kind === "complete")
      write(`\nThe chain is complete: ${end.events} events, ${end.ms} ms from push to nudge.`);
    else write(`\nThe chain stopped at ${end.at}: ${end.why}`);
  },
});

/** `{"at_ms", "event", "by"}` an event, and a last line that says how the chain ended. */
export const printForMachines = (write: Write): ChainPrinter => ({
  step: (_correlationId, step) => {
    if (step.kind === "event") write(JSON.stringify({ at_ms: step.atMs, event: step.event, by: step.event.source }));
  },
  end: (end) => {
    const { kind: chain, correlationId: correlation_id, ...rest } = end;
    write(JSON.stringify({ chain, correlation_id, ...rest }));
  },
});

function nudgeLines(event: Envelope): readonly string[] {
  if (event.event_type !== "coach.nudge.v1") return [];
  const { why_now, next_actions } = event.data as {
    readonly why_now: string;
    readonly next_actions: readonly string[];
  };
  return [why_now, ...next_actions.map((action) => colours.green(`→ ${action}`))];
}
