import { onlyAbsent, onlyThere, type FoundDocuments, type StoredFields, type Write } from "@contextpilot/firestore";
import type { Chain, Page, PageQuery } from "../read-model.ts";
import type { DashboardDocuments } from "./dashboard-documents.ts";
import { adding, fieldsOf, momentOf, numberIn, textIn, timeIn, valueOf } from "./fields.ts";
import type { FirestoreEvents } from "./firestore-events.ts";
import { entriesOf, listOf } from "./lists.ts";

/** What is counted in a chain; `waiting` are those of its dead letters that keep it from being pruned. */
export interface ChainSums {
  readonly events?: number;
  readonly dead_letters?: number;
  readonly waiting?: number;
}

export const chainLists = { all: (tenant: string) => listOf("in_all", tenant) };

/** The chains in Firestore, one document each: its sums are added to without being read, so that its events do not wait for each other. */
export class FirestoreChains {
  readonly #documents: DashboardDocuments;
  readonly #events: FirestoreEvents;

  constructor(documents: DashboardDocuments, events: FirestoreEvents) {
    this.#documents = documents;
    this.#events = events;
  }

  nameOf(tenantId: string, correlationId: string): string {
    return this.#documents.nameOf("chains", tenantId, correlationId);
  }

  /** Something was heard of it. */
  hearing(
    found: FoundDocuments,
    { tenant_id, correlation_id }: { readonly tenant_id: string; readonly correlation_id: string },
    sums: ChainSums,
    { place, seenAt }: { readonly place: number; readonly seenAt: string },
  ): Write {
    const name = this.nameOf(tenant_id, correlation_id);
    const heard = momentOf(seenAt);
    if (!found.has(name)) {
      const times = { first_seen: heard, last_seen: heard };
      const counted = { events: 0, dead_letters: 0, waiting: 0, ...sums };
      const listed = entriesOf([chainLists.all(tenant_id)], place);
      return {
        update: { name, fields: fieldsOf({ tenant_id, correlation_id, ...times, ...counted, ...listed }) },
        ...onlyAbsent,
      };
    }
    const { updateTransforms = [], ...write } = adding(name, { ...sums });
    const later = { fieldPath: "last_seen", maximum: valueOf(heard) };
    return { ...write, updateTransforms: [...(updateTransforms ?? []), later], ...onlyThere };
  }

  /** So many more of its dead letters wait for somebody. */
  waiting(tenantId: string, correlationId: string, more: number): Write {
    return { ...adding(this.nameOf(tenantId, correlationId), { waiting: more }), ...onlyThere };
  }

  async page({ tenant_id, limit, cursor }: PageQuery): Promise<Page<Chain>> {
    const { items, next } = await this.#documents.page("chains", chainLists.all(tenant_id), {
      order: "newest-first",
      before: cursor,
      limit,
      read: (document) => document,
    });
    // The event that began a chain has given it its name.
    const ids = items.map((document) => textIn(document, "correlation_id") ?? "");
    const roots = await this.#events.byId(tenant_id, ids);
    return { items: items.map((document, index) => chain(document, roots[index])), next };
  }
}

function chain(document: StoredFields, root: Chain["root"] | undefined): Chain {
  return {
    correlation_id: textIn(document, "correlation_id") ?? "",
    first_seen_at: timeIn(document, "first_seen"),
    last_seen_at: timeIn(document, "last_seen"),
    events: numberIn(document, "events"),
    dead_letters: numberIn(document, "dead_letters"),
    root: root ?? null,
  };
}
