import { hash } from "node:crypto";
import type { DeadLetter } from "../read-model.ts";

/** What dead letters of one group have in common. */
export interface Cause {
  readonly consumer: string;
  readonly code: string;
  readonly event_type: string | null;
  /** The reason without what differs from message to message: each such part is one `…`. */
  readonly cause: string;
}

/** A reason that goes on for longer is cut: what differs after that is not another cause. */
const MAX_CAUSE = 200;

/** What one person has to understand once, however many messages died of it. */
export function causeOf({ consumer, code, event_type, reason }: DeadLetter): Cause {
  return { consumer, code, event_type: event_type ?? null, cause: withoutParticulars(reason) };
}

/** The same cause, the same id: 12 hexadecimal digits. */
export function groupIdOf({ consumer, code, event_type, cause }: Cause): string {
  return hash("sha256", JSON.stringify([consumer, code, event_type, cause])).slice(0, 12);
}

function withoutParticulars(reason: string): string {
  return (
    reason
      // Where it happened, as MessageError writes it: `[event=… path=data.score]`. Ids differ, the path is part of the cause.
      .replaceAll(/\b(event|message|chain)=[^\s\]]+/g, "$1=…")
      // A parser quotes what it read, quotes within quotes: from the first to the last.
      .replace(/".*"/s, '"…"')
      .replaceAll(/(?<!\w)'[^']*'(?!\w)/g, "'…'")
      // UUIDs and hashes: hexadecimal digits in a row that are no word.
      .replaceAll(/\b(?=[a-f-]*\d)[\da-f]{7,}(?:-[\da-f]{4,})*\b/gi, "…")
      // Numbers, but not those of a name, as in git.commit.v1.
      .replaceAll(/(?<![a-z_\d])\d+(?:[.,:]\d+)*/gi, "…")
      .slice(0, MAX_CAUSE)
  );
}
