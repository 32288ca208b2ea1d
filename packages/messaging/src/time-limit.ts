import { MessageError } from "./error.ts";

/**
 * Runs `work` with a signal that aborts after `ms`, and rejects with MessageError `time-limit` then, whether or not the work heeds
 * the signal: a delivery must be answered before its ack deadline.
 */
export async function withTimeLimit<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = MessageError.retryable("time-limit", `took longer than ${Math.round(ms)} ms`);
      reject(error);
      controller.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([work(controller.signal), limit]);
  } finally {
    clearTimeout(timer);
  }
}
