import { isNativeError } from "node:util/types";
import { MessageError } from "./error.ts";
import { AlreadyHandled, Conflict, type Store } from "./ports/store.ts";

/**
 * The store, with every rejection but its own refusals as MessageError `store-failed`: the surroundings' fault, never counted as
 * the handler's. A MessageError stays what it is: the store knows better. So does a TypeError: the handler asked for what no store can do.
 */
export function withStoreErrors(store: Store): Store {
  return {
    read: (keys) => store.read(keys).catch(failed("state could not be read", keys[0])),
    commit: (unit) => store.commit(unit).catch(failed("commit failed", unit.create?.key ?? unit.documents[0]?.key)),
    due: (now, limit) => store.due(now, limit).catch(failed("what is due could not be read", undefined)),
  };
}

const failed =
  (problem: string, key: string | undefined) =>
  (cause: unknown): never => {
    if (cause instanceof AlreadyHandled || cause instanceof Conflict || cause instanceof MessageError) throw cause;
    if (isNativeError(cause) && cause.name === "TypeError") throw cause;
    throw MessageError.retryable("store-failed", problem, { key }, { cause });
  };
