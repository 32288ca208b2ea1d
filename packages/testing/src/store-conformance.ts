import type { Store } from "@contextpilot/messaging";
import { commits } from "./store-conformance/commits.ts";
import { concurrency } from "./store-conformance/concurrency.ts";
import { durability } from "./store-conformance/durability.ts";
import { reading } from "./store-conformance/reading.ts";
import { refusals } from "./store-conformance/refusals.ts";
import { times } from "./store-conformance/times.ts";
import { valuesAndKeys } from "./store-conformance/values-and-keys.ts";

export interface OpenedStore {
  readonly store: Store;
  /** Closes the store, or lets it go as a crash would, and opens what it left behind. */
  readonly reopen?: () => Promise<Store>;
  close(): Promise<void>;
}

/** Features that a store may lack, each with the reason; what a store cannot have is not tested on it. */
export interface MissingStoreFeatures {
  /** What resolved outlives the process. */
  readonly durable?: string;
  /** A read's documents are all of one moment. Whoever commits on what was read finds out at the commit all the same. */
  readonly oneMoment?: string;
}

/**
 * Declares the tests that every Store passes. `open` gives an empty store each time. What is not said to be missing is tested:
 * a durable store must come with `reopen`.
 */
export function storeConformance(
  name: string,
  open: () => Promise<OpenedStore>,
  missing: MissingStoreFeatures = {},
): void {
  describe(`${name} keeps the promises of Store`, () => {
    let opened: OpenedStore;
    let store: Store;
    const current = () => store;
    const reopen = async () => {
      if (opened.reopen === undefined) throw new Error(`${name} is tested as durable, but open() gave no reopen`);
      store = await opened.reopen();
    };

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    reading(current);
    valuesAndKeys(current);
    commits(current);
    refusals(current);
    concurrency(current, missing);
    times(current);
    if (missing.durable === undefined) durability(current, reopen);
  });
}
