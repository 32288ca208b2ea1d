import { onlyAbsent, onlyAsRead, type FoundDocuments, type StoredFields, type Write } from "@contextpilot/firestore";
import type { Content } from "../firestore/contents.ts";
import type { DashboardDocuments } from "../firestore/dashboard-documents.ts";
import { fieldsOf, momentOf, numberIn, setting, textIn, timeIn } from "../firestore/fields.ts";
import { entriesOf, listOf, placeIn, type List } from "../firestore/lists.ts";
import type {
  DeadLetter,
  DeadLetterQuery,
  DeadLetterState,
  FiledDeadLetter,
  KeptDeadLetter,
  Page,
} from "../read-model.ts";

export const letterLists = {
  all: (tenant: string) => listOf("in_all", tenant),
  chain: (tenant: string, correlationId: string) => listOf("in_chain", tenant, correlationId),
  group: (tenant: string, group: string) => listOf("in_group", tenant, group),
  state: (tenant: string, state: DeadLetterState) => listOf("in_state", tenant, state),
  groupState: (tenant: string, group: string, state: DeadLetterState) => listOf("in_group_state", tenant, group, state),
};

/** Where a dead letter stands; `pending`: a decision about it is still to be carried out. */
export interface Standing {
  readonly state: DeadLetterState;
  readonly pending: boolean;
}

/** It keeps its chain, and itself, from being pruned. */
export const waits = ({ state, pending }: Standing): boolean => state === "open" || pending;

/** The dead letters in Firestore: what they say of themselves and the message's bytes, each of any size. */
export class FirestoreDeadLetters {
  /** Of a document, what says where it stands. */
  readonly looksAt = ["tenant_id", "correlation_id", "group_id", "state", "pending", "arrivals", "last_seen", "in_all"];
  readonly #documents: DashboardDocuments;

  constructor(documents: DashboardDocuments) {
    this.#documents = documents;
  }

  nameOf(tenantId: string, deadLetterId: string): string {
    return this.#documents.nameOf("dead_letters", tenantId, deadLetterId);
  }

  contentsOf(letter: DeadLetter, data: Uint8Array): { readonly record: Content; readonly data: Content } {
    const { contents } = this.#documents;
    const name = this.nameOf(letter.tenant_id, letter.dead_letter_id);
    return {
      record: contents.of(name, "record", Buffer.from(JSON.stringify(letter))),
      data: contents.of(name, "data", data),
    };
  }

  keeping(letter: DeadLetter, contents: readonly Content[], group: string, place: number): Write {
    const { tenant_id, correlation_id, seen_at } = letter;
    const name = this.nameOf(tenant_id, letter.dead_letter_id);
    const lists: readonly List[] = [
      letterLists.all(tenant_id),
      letterLists.group(tenant_id, group),
      ...(correlation_id === undefined ? [] : [letterLists.chain(tenant_id, correlation_id)]),
    ];
    const fields = {
      tenant_id,
      dead_letter_id: letter.dead_letter_id,
      correlation_id,
      group_id: group,
      arrivals: 1,
      last_seen: momentOf(seen_at),
      ...Object.assign({}, ...contents.map((content) => content.fields)),
      ...entriesOf(lists, place),
      ...standing({ tenant_id, correlation_id, group, place, lastSeen: momentOf(seen_at) }, OPEN),
    };
    return { update: { name, fields: fieldsOf(fields) }, ...onlyAbsent };
  }

  /** It arrived once more. */
  arriving(document: StoredFields, seenAt: string): Write {
    const lastSeen = momentOf(seenAt);
    const again = { arrivals: numberIn(document, "arrivals") + 1, last_seen: lastSeen };
    const moved = standing({ ...placed(document), lastSeen }, standingIn(document));
    return { ...setting(document.name ?? "", { ...again, ...moved }), ...onlyAsRead(document) };
  }

  moving(document: StoredFields, to: Standing): Write {
    return { ...setting(document.name ?? "", standing(placed(document), to)), ...onlyAsRead(document) };
  }

  /** By the list that is likely to be the shortest. */
  page({ tenant_id, correlation_id, state, group_id, limit, cursor }: DeadLetterQuery): Promise<Page<FiledDeadLetter>> {
    return this.#documents.page("dead_letters", listFor({ tenant_id, correlation_id, state, group_id }), {
      order: "newest-first",
      before: cursor,
      limit,
      sizeOf: (document) => this.#documents.contents.sizeIn(document, "record"),
      select: [...this.looksAt, "record", "record_sum", "record_size"],
      read: async (document) => {
        const filed = await this.filedIn(document);
        const wanted =
          (state === undefined || filed.state === state) && (group_id === undefined || filed.group_id === group_id);
        return wanted ? filed : undefined;
      },
    });
  }

  async get(tenantId: string, deadLetterId: string): Promise<KeptDeadLetter | undefined> {
    const name = this.nameOf(tenantId, deadLetterId);
    const document = (await this.#documents.read("read a dead letter", [name])).get(name);
    return document && this.keptIn(document);
  }

  async keptIn(document: StoredFields): Promise<KeptDeadLetter> {
    const data = await this.#documents.contents.in(document, "data");
    return { deadLetter: await this.filedIn(document), data: Uint8Array.from(data) };
  }

  async filedIn(document: StoredFields): Promise<FiledDeadLetter> {
    const record = await this.#documents.contents.in(document, "record");
    return {
      // What stands there was a dead letter when it was kept.
      ...(JSON.parse(new TextDecoder().decode(record)) as DeadLetter),
      state: standingIn(document).state,
      group_id: textIn(document, "group_id") ?? "",
      arrivals: numberIn(document, "arrivals"),
      last_seen_at: timeIn(document, "last_seen"),
    };
  }

  sizeIn(document: StoredFields): number {
    const { contents } = this.#documents;
    return contents.sizeIn(document, "record") + contents.sizeIn(document, "data");
  }

  removing(document: StoredFields): readonly Write[] {
    const { contents } = this.#documents;
    return [
      { delete: document.name ?? "", ...onlyAsRead(document) },
      ...contents.removing(document, "record"),
      ...contents.removing(document, "data"),
    ];
  }

  standsIn(found: FoundDocuments, tenantId: string, deadLetterId: string): Standing | undefined {
    const document = found.get(this.nameOf(tenantId, deadLetterId));
    return document && standingIn(document);
  }
}

const OPEN: Standing = { state: "open", pending: false };

export const standingIn = (document: StoredFields): Standing => ({
  state: textIn(document, "state") as DeadLetterState,
  pending: numberIn(document, "pending") === 1,
});

interface Placed {
  readonly tenant_id: string;
  readonly correlation_id: string | undefined;
  readonly group: string;
  readonly place: number;
  /** Milliseconds. */
  readonly lastSeen: number;
}

const placed = (document: StoredFields): Placed => ({
  tenant_id: textIn(document, "tenant_id") ?? "",
  correlation_id: textIn(document, "correlation_id"),
  group: textIn(document, "group_id") ?? "",
  place: placeIn(document, "in_all"),
  lastSeen: numberIn(document, "last_seen"),
});

/** The fields that change with where it stands. `goes_after`: of one without a chain that waits for nobody, when it was heard last. */
function standing({ tenant_id, correlation_id, group, place, lastSeen }: Placed, { state, pending }: Standing) {
  const goes = correlation_id === undefined && !waits({ state, pending });
  return {
    state,
    pending: Number(pending),
    goes_after: goes ? lastSeen : undefined,
    ...entriesOf([letterLists.state(tenant_id, state), letterLists.groupState(tenant_id, group, state)], place),
  };
}

function listFor({ tenant_id, correlation_id, state, group_id }: Omit<DeadLetterQuery, "limit">): List {
  if (correlation_id !== undefined) return letterLists.chain(tenant_id, correlation_id);
  if (group_id !== undefined && state !== undefined) return letterLists.groupState(tenant_id, group_id, state);
  if (group_id !== undefined) return letterLists.group(tenant_id, group_id);
  return state === undefined ? letterLists.all(tenant_id) : letterLists.state(tenant_id, state);
}
