import type { Finding } from "../doctor/finding.ts";

/** What was looked at, and how it is; or why that cannot be looked at here. */
export type Check = Finding | { readonly check: string; readonly state: "unchecked"; readonly what: string };

export const unchecked = (check: string, what: string): Check => ({ check, state: "unchecked", what });

export const isWrong = ({ state }: Check): boolean => state === "wrong";

/** What failed, in the words of whoever it was asked of. */
export const reasonOf = (cause: unknown): string =>
  String((cause as { readonly message?: unknown } | undefined)?.message ?? cause);
