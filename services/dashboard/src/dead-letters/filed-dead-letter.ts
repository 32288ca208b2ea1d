import type { DeadLetter, DeadLetterState, FiledDeadLetter } from "../read-model.ts";
import type { Row } from "../sqlite-pages.ts";
import type { Decision } from "./decisions.ts";

/** A row of dead_letters as it is shown; its bytes are read beside it. */
export function filedDeadLetter(row: Row): FiledDeadLetter {
  return {
    ...(JSON.parse(String(row["record"])) as DeadLetter),
    state: String(row["state"]) as DeadLetterState,
    group_id: String(row["group_id"]),
    arrivals: Number(row["arrivals"]),
    last_seen_at: String(row["last_seen_at"]),
  };
}

/** A row of decisions as it is shown. */
export function decision(row: Row): Decision {
  return {
    kind: String(row["kind"]) as Decision["kind"],
    by: String(row["decided_by"]),
    at: String(row["decided_at"]),
    status: String(row["status"]) as Decision["status"],
    message_id: textOrNull(row["message_id"]),
    problem: textOrNull(row["problem"]),
  };
}

const textOrNull = (value: Row[string] | undefined): string | null => (typeof value === "string" ? value : null);
