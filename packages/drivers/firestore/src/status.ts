import { isNativeError } from "node:util/types";

/** What is done about an answer that is none of OK. */
interface Meaning {
  readonly name: string;
  /**
   * `refused`: a precondition did not hold, so the documents tell why. `again`: another attempt may go well. `stop`: none will,
   * until somebody mends it.
   */
  readonly next: "refused" | "again" | "stop";
  /** The answer leaves open whether the commit took place. */
  readonly mayHaveLanded: boolean;
  /** Whose fault it is: `store-failed` waits for the surroundings; `handler-failed` is counted, to the dead letters at last. */
  readonly code: "store-failed" | "handler-failed";
}

const refused = { next: "refused", mayHaveLanded: false, code: "store-failed" } as const;
const again = { next: "again", mayHaveLanded: false, code: "store-failed" } as const;
const answerLost = { next: "again", mayHaveLanded: true, code: "store-failed" } as const;
const stop = { next: "stop", mayHaveLanded: false, code: "store-failed" } as const;

/**
 * Every status of gRPC, and what it means coming from Firestore.
 * https://grpc.io/docs/guides/status-codes/, https://cloud.google.com/firestore/docs/understand-error-codes
 */
export const MEANING_OF_STATUS = {
  1: { name: "CANCELLED", ...answerLost },
  2: { name: "UNKNOWN", ...answerLost },
  // What we ask for is no request: too large in all, for one. The same event asks for the same again.
  3: { name: "INVALID_ARGUMENT", ...stop, code: "handler-failed" },
  4: { name: "DEADLINE_EXCEEDED", ...answerLost },
  5: { name: "NOT_FOUND", ...refused },
  6: { name: "ALREADY_EXISTS", ...refused },
  7: { name: "PERMISSION_DENIED", ...stop },
  // A quota is used up. Soon there is some again, or the next delivery finds it.
  8: { name: "RESOURCE_EXHAUSTED", ...again },
  9: { name: "FAILED_PRECONDITION", ...refused },
  // Another held the documents at that moment: nothing was written, and nothing is known of their versions.
  10: { name: "ABORTED", ...again },
  11: { name: "OUT_OF_RANGE", ...stop },
  12: { name: "UNIMPLEMENTED", ...stop },
  13: { name: "INTERNAL", ...answerLost },
  14: { name: "UNAVAILABLE", ...answerLost },
  15: { name: "DATA_LOSS", ...stop, mayHaveLanded: true },
  16: { name: "UNAUTHENTICATED", ...stop },
} as const satisfies Record<number, Meaning>;

export type Status = keyof typeof MEANING_OF_STATUS;

/** What the status of a failed call means; undefined where it is no answer of Firestore's. */
export function meaningOf(failure: unknown): Meaning | undefined {
  if (!isNativeError(failure) || !("code" in failure)) return undefined;
  const { code } = failure;
  return isStatus(code) ? MEANING_OF_STATUS[code] : undefined;
}

const isStatus = (code: unknown): code is Status => typeof code === "number" && code in MEANING_OF_STATUS;
