/** Why a push or a person was not let in, and the status that says so: nothing else about a refused token leaves this package. */
const STATUS_OF_REFUSAL = {
  "no-token": 401,
  "several-authorization-headers": 401,
  "several-assertions": 401,
  "no-person": 401,
  "not-a-bearer-token": 401,
  "malformed-token": 401,
  "wrong-algorithm": 401,
  "no-key-id": 401,
  "critical-header": 401,
  "signature-removed": 401,
  "unknown-key": 401,
  "bad-signature": 401,
  "invalid-claims": 401,
  "wrong-issuer": 401,
  "wrong-audience": 401,
  expired: 401,
  "not-valid-yet": 401,
  "lifetime-too-long": 401,
  "wrong-account": 403,
  "keys-unavailable": 503,
} as const;

export type RefusalReason = keyof typeof STATUS_OF_REFUSAL;

/** A push or a person is not let in. Carries no word of the token, so that it may be logged. */
export class TokenRefusal extends Error {
  override readonly name = "TokenRefusal";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(reason);
    this.reason = reason;
  }

  get status(): 401 | 403 | 503 {
    return STATUS_OF_REFUSAL[this.reason];
  }
}
