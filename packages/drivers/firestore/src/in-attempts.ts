import { isNativeError } from "node:util/types";
import { MessageError, type ErrorDetails } from "@contextpilot/messaging";
import pRetry from "p-retry";
import { meaningOf } from "./status.ts";

/** What is asked of Firestore, for whoever reads that it failed. */
export interface Asked {
  /** `commit`: follows "Firestore could not". */
  readonly to: string;
  readonly details: ErrorDetails;
  /** For all attempts together. */
  readonly withinMs: number;
}

/** Five attempts take 0.8 to 1.5 s where each is answered at once: then the delivery's own redelivery waits better than we. */
const MOST_ATTEMPTS = 5;
const FIRST_WAIT_MS = 50;
/** A connection that died without a word is given up after this share of the time, so that another attempt has some left. */
const SHARE_OF_ONE_ATTEMPT = 1 / 2;

/**
 * Asks Firestore, again where its answer promises something of it; each attempt is told when it must end (ms since 1970). Rejects
 * with a MessageError that names Firestore and its status; what else an attempt throws comes out as it is.
 */
export async function inAttempts<T>(asked: Asked, attempt: (deadline: number) => Promise<T>): Promise<T> {
  const end = Date.now() + asked.withinMs;
  let attempts = 0;
  const once = () => {
    attempts += 1;
    return attempt(Math.min(end, Date.now() + asked.withinMs * SHARE_OF_ONE_ATTEMPT));
  };
  try {
    return await pRetry(once, {
      retries: MOST_ATTEMPTS - 1,
      minTimeout: FIRST_WAIT_MS,
      randomize: true,
      maxRetryTime: asked.withinMs,
      shouldRetry: ({ error }) => (meaningOf(error)?.next ?? "stop") !== "stop",
    });
  } catch (failure) {
    throw named(failure, asked, attempts);
  }
}

function named(failure: unknown, { to, details }: Asked, attempts: number): unknown {
  const meaning = meaningOf(failure);
  if (meaning === undefined || !isNativeError(failure)) return failure;
  const problem = `Firestore could not ${to}: ${failure.message}`;
  return new MessageError(meaning.code, problem, { firestore: meaning.name, attempts, ...details }, { cause: failure });
}
