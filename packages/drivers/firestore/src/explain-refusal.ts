import { AlreadyHandled, Conflict, MessageError, type EncodedUnit } from "@contextpilot/messaging";
import type { Stamp } from "./store-documents.ts";

export interface Refused {
  readonly unit: EncodedUnit;
  /** Of this commit: what it wrote bears it. */
  readonly token: string;
  /** An earlier attempt's answer was lost: it may have been "done". */
  readonly mayHaveLanded: boolean;
  /** How the unit's documents are now. */
  readonly stampOf: (key: string) => Stamp;
}

/**
 * What a refused commit comes to, by how its documents are now. `ours`: it had been done by an earlier attempt. `unexplained`:
 * they are as expected again. Throws AlreadyHandled or Conflict where nothing of it was or will be written, and a MessageError
 * where an earlier attempt may have written what others have changed since.
 */
export function explainRefusal({ unit, token, mayHaveLanded, stampOf }: Refused): "ours" | "unexplained" {
  const { create, documents } = unit;
  const written = documents.filter(({ kind }) => kind === "set").map(({ key }) => key);
  if (create !== undefined) written.unshift(create.key);
  if (written.some((key) => stampOf(key).token === token)) return "ours";

  if (create !== undefined && stampOf(create.key).version !== undefined) throw new AlreadyHandled(create.key);
  const changed = documents.find(({ key, expected }) => stampOf(key).version !== expected);
  if (changed === undefined) return "unexplained";
  // With a record to create the answer is sure: had an attempt landed, its record would be there.
  const sure = !mayHaveLanded || create !== undefined || documents.every(({ kind }) => kind === "keep");
  if (sure) throw new Conflict(changed.key);
  const problem = "Firestore's answer to a commit was lost, and its documents have been changed since";
  throw MessageError.retryable("store-failed", problem, { key: changed.key });
}
