import type { KeptDeadLetter, ReadModel } from "../read-model.ts";
import type { Decisions } from "./decisions.ts";

/** Which dead letters: some by their ids, or the open ones of a group or of all, the oldest first. */
export type Choice =
  | { readonly ids: readonly string[] }
  | {
      readonly group_id?: string | undefined;
      /** At most so many; `next` of the answer goes on. */
      readonly limit: number;
      readonly cursor?: number | undefined;
      /** That of the first answer, so that what fails again meanwhile is not taken up again. Default: the newest now. */
      readonly up_to?: number | undefined;
    };

/** Chosen dead letters that are put in order together. */
export interface Slice {
  readonly letters: readonly KeptDeadLetter[];
  /** Ids that there are none of. */
  readonly unknown: readonly string[];
  /** Where a choice of group or all goes on after these; null at its end. */
  readonly next: number | null;
}

export interface ChoiceSource {
  readonly readModel: Pick<ReadModel, "deadLetter">;
  readonly decisions: Pick<Decisions, "open">;
  readonly tenant_id: string;
}

/** The chosen dead letters in slices of at most `size`, each read when it is asked for. */
export function slicesOf(
  choice: Choice,
  size: number,
  upTo: number,
  source: ChoiceSource,
): AsyncGenerator<Slice, void, undefined> {
  return "ids" in choice ? byIds(choice.ids, size, source) : openOnes(choice, size, upTo, source);
}

async function* byIds(ids: readonly string[], size: number, { readModel, tenant_id }: ChoiceSource) {
  for (let start = 0; start < ids.length; start += size) {
    const part = ids.slice(start, start + size);
    const found = await Promise.all(part.map((id) => readModel.deadLetter(tenant_id, id)));
    yield {
      letters: found.filter((letter) => letter !== undefined),
      unknown: part.filter((_, place) => found[place] === undefined),
      next: null,
    };
  }
}

async function* openOnes(
  { group_id, limit, cursor: from = 0 }: Exclude<Choice, { ids: readonly string[] }>,
  size: number,
  up_to: number,
  { decisions, tenant_id }: ChoiceSource,
) {
  let cursor: number | null = from;
  for (let left = limit; cursor !== null && left > 0;) {
    const query = { tenant_id, group_id, cursor, up_to, limit: Math.min(left, size) };
    const { items: letters, next }: { items: readonly KeptDeadLetter[]; next: number | null } =
      await decisions.open(query);
    yield { letters, unknown: [], next };
    left -= letters.length;
    cursor = next;
  }
}
