import type { Logger } from "@contextpilot/agent-host";
import type { DeadLetterOffice } from "./dead-letters/dead-letter-office.ts";

/** How often what a process left undone is looked for, beside its start. */
const EVERY_MS = 5 * 60_000;

/** Carries out what was decided by a process that ended before it did: now, and from time to time. Gives what ends it. */
export function finishLeftovers(office: Pick<DeadLetterOffice, "finishPending">, logger: Logger): () => Promise<void> {
  const finish = (): Promise<void> =>
    office.finishPending().catch((err: unknown) => logger.warn({ err }, "what was decided could not be carried out"));
  let running = finish();
  const timer = setInterval(() => {
    running = running.then(finish);
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
