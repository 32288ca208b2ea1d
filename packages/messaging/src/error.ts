import { inspect } from "node:util";

/**
 * What a code means for the message. `permanent`: never will work, to the dead letters at once. `counted`: the handler's own
 * failure, to the dead letters at the fifth. `surroundings`: nobody's fault here, tried again until the bus gives up.
 */
export const CLASS_OF_CODE = {
  "invalid-push": "permanent",
  "invalid-json": "permanent",
  "invalid-envelope": "permanent",
  "attribute-mismatch": "permanent",
  "unknown-version": "permanent",
  "too-many-hops": "permanent",
  "invalid-data": "permanent",
  "payload-corrupt": "permanent",
  rejected: "permanent",
  "handler-failed": "counted",
  "output-too-large": "counted",
  "time-limit": "counted",
  "payload-missing": "surroundings",
  conflict: "surroundings",
  "claim-held": "surroundings",
  "claim-lost": "surroundings",
  unavailable: "surroundings",
  "store-failed": "surroundings",
  "publish-failed": "surroundings",
} as const satisfies Record<string, ErrorClass>;

export type ErrorClass = "permanent" | "counted" | "surroundings";
export type ErrorCode = keyof typeof CLASS_OF_CODE;
/** Codes that a handler may give for what never will work, and for what may work later. */
export type PermanentCode = CodeOfClass<"permanent">;
export type RetryableCode = CodeOfClass<"counted"> | CodeOfClass<"surroundings">;
type CodeOfClass<C extends ErrorClass> = {
  [K in ErrorCode]: (typeof CLASS_OF_CODE)[K] extends C ? K : never;
}[ErrorCode];

/** Where an error happened, and with what: printed behind the message as `[event=… subscription=…]`. */
export type ErrorDetails = Readonly<Record<string, string | number | undefined>>;

/** The one error of the bus: a closed code, what happened, where, and the cause. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, problem: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    const place = Object.entries(details).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
    super(place.length === 0 ? problem : `${problem} [${place.join(" ")}]`, options);
    this.code = code;
    this.details = details;
  }

  get class(): ErrorClass {
    return CLASS_OF_CODE[this.code];
  }

  /** May work later: `unavailable` for a dependency that is down (not counted), `handler-failed` for the handler's own failure. */
  static retryable(code: RetryableCode, problem: string, details?: ErrorDetails, options?: ErrorOptions): MessageError {
    return new MessageError(code, problem, details, options);
  }

  /** Never will work: the message goes to the dead letters with this reason. */
  static permanent(code: PermanentCode, problem: string, details?: ErrorDetails, options?: ErrorOptions): MessageError {
    return new MessageError(code, problem, details, options);
  }

  /** What was thrown, as a MessageError: any other throw is the handler's failure, tried again and counted. */
  static from(thrown: unknown, details: ErrorDetails = {}): MessageError {
    if (thrown instanceof MessageError) return thrown;
    const problem = thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : inspect(thrown);
    return new MessageError("handler-failed", problem, details, { cause: thrown });
  }
}
