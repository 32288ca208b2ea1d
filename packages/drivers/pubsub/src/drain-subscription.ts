import type { Deliver, Subscriber } from "@contextpilot/messaging";

export interface DrainOptions {
  /**
   * It is empty when nothing has come for so long and nothing runs. Default: 10. What was nacked comes again after its retry: less
   * than that leaves it for the next job.
   */
  readonly emptySeconds?: number;
  /** Ends it before: what runs is answered, the rest is left. */
  readonly signal?: AbortSignal;
}

/** What a job did. */
export interface Drained {
  readonly acked: number;
  readonly nacked: number;
}

/** Hears a subscription until it is empty: for a job, which ends. Rejects where the subscription is not there. */
export async function drainSubscription(
  subscriber: Subscriber,
  subscription: string,
  deliver: Deliver,
  { emptySeconds = 10, signal }: DrainOptions = {},
): Promise<Drained> {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const counts = { acked: 0, nacked: 0 };
  // The opening, which may take long: until then nothing can come.
  let running = 1;
  const quiet = setTimeout(() => (running === 0 ? end() : quiet.refresh()), emptySeconds * 1000);
  signal?.addEventListener("abort", () => end());
  if (signal?.aborted) end();
  try {
    const heard = await subscriber.subscribe(subscription, async (delivery) => {
      running += 1;
      quiet.refresh();
      const answer = await deliver(delivery).catch(() => "nack" as const);
      counts[answer === "ack" ? "acked" : "nacked"] += 1;
      running -= 1;
      quiet.refresh();
      return answer;
    });
    running -= 1;
    quiet.refresh();
    await over;
    await heard.stop();
  } finally {
    clearTimeout(quiet);
  }
  return counts;
}
