import { randomUUID } from "node:crypto";
import type { ErrorDetails } from "@contextpilot/messaging";
import type { FirestoreConnection, StoredFields, Write } from "./firestore-connection.ts";
import { inAttempts } from "./in-attempts.ts";
import { meaningOf } from "./status.ts";

/** Documents by their names; those that are not there are left out. */
export type FoundDocuments = ReadonlyMap<string, StoredFields>;

/** What becomes of documents. */
export interface DocumentsChange<T> {
  /** All or none of them. What must not meet a document that was changed meanwhile says so, by {@link onlyAbsent} or {@link onlyAsRead}. */
  readonly writes: readonly Write[];
  readonly result: T;
}

export interface DocumentsWanted {
  /** `keep an event`: follows "Firestore could not" where it fails. */
  readonly to: string;
  readonly details: ErrorDetails;
  /** Of the documents to read; what is created must be among them, so that a commit whose answer was lost is known again. */
  readonly names: readonly string[];
  /** Which fields of them. Default: all. */
  readonly mask?: readonly string[];
}

const TOKEN = "token";

/**
 * Reads documents, lets `decide` say what becomes of them, and writes that in one commit; again from the start, up to five times
 * within the connection's time, where one of them was changed meanwhile. At least one write must be conditional: then the change
 * is made once, also where an answer was lost. A random token, in the field `token` of all that it writes, tells it from another's.
 */
export async function changeDocuments<T>(
  connection: FirestoreConnection,
  { to, details, names, mask }: DocumentsWanted,
  decide: (found: FoundDocuments) => DocumentsChange<T>,
): Promise<T> {
  const token = randomUUID();
  const fields = mask && [...mask, TOKEN];
  let landed: { readonly result: T } | undefined;
  return inAttempts({ to, details, withinMs: connection.answerWithinMs }, async (deadline) => {
    const found = await connection.read([...new Set(names)], deadline, fields);
    if (landed !== undefined && [...found.values()].some((document) => tokenIn(document) === token))
      return landed.result;
    const { writes, result } = decide(found);
    if (writes.length === 0) return result;
    try {
      await connection.commit(
        writes.map((write) => stamped(write, token)),
        deadline,
      );
    } catch (answer) {
      if (meaningOf(answer)?.mayHaveLanded === true) landed = { result };
      throw answer;
    }
    return result;
  });
}

/** The condition of a write that makes a document. */
export const onlyAbsent = { currentDocument: { exists: false } } as const satisfies Pick<Write, "currentDocument">;
/** Of one that changes whatever is there. */
export const onlyThere = { currentDocument: { exists: true } } as const satisfies Pick<Write, "currentDocument">;
/** Of one that needs the document as it was read. */
export const onlyAsRead = ({ updateTime }: StoredFields): Pick<Write, "currentDocument"> => ({
  currentDocument: { updateTime: updateTime ?? null },
});

const tokenIn = (document: StoredFields): unknown => document.fields?.[TOKEN]?.stringValue;

function stamped(write: Write, token: string): Write {
  const { update, updateMask } = write;
  if (!update) return write;
  return {
    ...write,
    update: { ...update, fields: { ...update.fields, [TOKEN]: { stringValue: token } } },
    ...(updateMask && { updateMask: { fieldPaths: [...(updateMask.fieldPaths ?? []), TOKEN] } }),
  };
}
