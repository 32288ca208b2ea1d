const STATUS_OF_CODE = {
  "invalid-query": 400,
  "invalid-body": 400,
  "no-token": 401,
  "no-person": 401,
  "wrong-host": 403,
  "wrong-origin": 403,
  "replay-disabled": 403,
  "not-found": 404,
  "too-large": 413,
  "not-json": 415,
  internal: 500,
  unavailable: 503,
} as const;

export type ApiErrorCode = keyof typeof STATUS_OF_CODE;

/** What the web API does not answer; its message is for whoever asked. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return STATUS_OF_CODE[this.code];
  }
}
