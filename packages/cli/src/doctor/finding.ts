/** What was looked at, and how it is: where something is wrong, with what mends it. */
export type Finding =
  | { readonly check: string; readonly state: "ok"; readonly what: string }
  | { readonly check: string; readonly state: "wrong"; readonly what: string; readonly mend: string };

export const ok = (check: string, what: string): Finding => ({ check, state: "ok", what });
export const wrong = (check: string, what: string, mend: string): Finding => ({ check, state: "wrong", what, mend });
