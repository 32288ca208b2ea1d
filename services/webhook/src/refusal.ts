/** For programs the code and its status, for whoever set up the hook a word on what to do. */
const MEANING = {
  "invalid-body": { status: 400, message: "the request cannot be read" },
  unauthenticated: { status: 401, message: "the signature is missing or wrong" },
  "too-large": { status: 413, message: "the body is larger than this webhook takes" },
  "wrong-media-type": { status: 415, message: "set the webhook's content type to application/json" },
  internal: { status: 500, message: "something failed here: its log says what" },
  "bus-unavailable": { status: 503, message: "the bus did not take the push: send it again" },
} as const;

export type RefusalCode = keyof typeof MEANING;

/** A request is not taken. The message carries nothing of the signature or the secret, so that it may be answered and logged. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string = MEANING[code].message, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return MEANING[this.code].status;
  }

  /** Anything thrown, as a Refusal: what Fastify itself refuses in our words, all else as our own failure. */
  static from(thrown: unknown): Refusal {
    if (thrown instanceof Refusal) return thrown;
    const status = thrown instanceof Error && "statusCode" in thrown ? thrown.statusCode : undefined;
    switch (status) {
      case 400:
        return new Refusal("invalid-body", undefined, { cause: thrown });
      case 413:
        return new Refusal("too-large", undefined, { cause: thrown });
      case 415:
        return new Refusal("wrong-media-type", undefined, { cause: thrown });
      default:
        return new Refusal("internal", undefined, { cause: thrown });
    }
  }
}
