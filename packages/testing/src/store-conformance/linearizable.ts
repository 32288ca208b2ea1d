/** What a document is, for this purpose: the number of the call that wrote it; undefined where there is none. */
export type Written = number | undefined;

export type Outcome =
  | { readonly kind: "read"; readonly seen: ReadonlyMap<string, Written> }
  | { readonly kind: "committed" | "AlreadyHandled" | "Conflict" }
  /** The store could not say: it may have happened, or may yet. */
  | { readonly kind: "unknown" };

export interface Write {
  readonly create: string | undefined;
  readonly changes: readonly {
    readonly key: string;
    readonly expected: Written;
    readonly change: "set" | "keep" | "delete";
  }[];
}

/** One call that a client made, with the moments of its beginning and its end. */
export interface Call {
  readonly number: number;
  readonly write: Write | undefined;
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
}

type State = ReadonlyMap<string, Written>;

/**
 * Whether there is an order in which the calls, made one after the other, end as they did, and in which none stands before one
 * that had ended when it began: a search over all orders, after Wing and Gong (1993). For some twenty calls.
 */
export function isLinearizable(calls: readonly Call[]): boolean {
  const failed = new Set<string>();
  const explain = (left: readonly Call[], state: State): boolean => {
    if (left.length === 0) return true;
    const place = `${left.map(({ number }) => number).join()} ${JSON.stringify([...state].toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
    if (failed.has(place)) return false;
    const firstEnd = Math.min(...left.map(endOf));
    for (const call of left) {
      if (call.begun > firstEnd) continue;
      const others = left.filter((other) => other !== call);
      if (statesAfter(call, state).some((next) => explain(others, next))) return true;
    }
    failed.add(place);
    return false;
  };
  return explain(calls, new Map());
}

const endOf = ({ outcome, ended }: Call): number => (outcome.kind === "unknown" ? Infinity : ended);

/** What may be after the call, made now; nothing where it could not have ended so. */
function statesAfter({ number, write, outcome }: Call, state: State): readonly State[] {
  if (outcome.kind === "read") return [...outcome.seen].every(([key, seen]) => state.get(key) === seen) ? [state] : [];
  if (write === undefined) return [state];
  const should = refusalOf(write, state) ?? "committed";
  const after = should === "committed" ? [written(write, number, state)] : [state];
  if (outcome.kind === "unknown") return [...after, state];
  return outcome.kind === should ? after : [];
}

function refusalOf({ create, changes }: Write, state: State): "AlreadyHandled" | "Conflict" | undefined {
  if (create !== undefined && state.get(create) !== undefined) return "AlreadyHandled";
  return changes.some(({ key, expected }) => state.get(key) !== expected) ? "Conflict" : undefined;
}

function written({ create, changes }: Write, number: number, state: State): State {
  const next = new Map(state);
  if (create !== undefined) next.set(create, number);
  for (const { key, change } of changes) {
    if (change === "set") next.set(key, number);
    if (change === "delete") next.delete(key);
  }
  return next;
}
