import { onlyAbsent, onlyThere, type FoundDocuments, type StoredFields, type Write } from "@contextpilot/firestore";
import type { DashboardDocuments } from "../firestore/dashboard-documents.ts";
import { adding, fieldsOf, numberIn, textIn } from "../firestore/fields.ts";
import { entriesOf, listOf } from "../firestore/lists.ts";
import type { DeadLetter, DeadLetterGroup, GroupQuery, Page } from "../read-model.ts";
import { causeOf } from "./cause.ts";

const lists = { all: (tenant: string) => listOf("in_all", tenant) };

/** The groups of dead letters in Firestore, one document each, whose sums are added to. */
export class FirestoreGroups {
  readonly #documents: DashboardDocuments;

  constructor(documents: DashboardDocuments) {
    this.#documents = documents;
  }

  nameOf(tenantId: string, groupId: string): string {
    return this.#documents.nameOf("dead_letter_groups", tenantId, groupId);
  }

  /** One more dead letter, an open one. */
  counting(found: FoundDocuments, letter: DeadLetter, groupId: string, place: number): Write {
    const { tenant_id, dead_letter_id: example, seen_at: last_seen_at } = letter;
    const name = this.nameOf(tenant_id, groupId);
    const latest = { last_seen_at, example };
    if (found.has(name)) return { ...adding(name, { dead_letters: 1, open: 1 }, latest), ...onlyThere };
    const { event_type, ...cause } = causeOf(letter);
    const fields = {
      group_id: groupId,
      ...cause,
      event_type: event_type ?? undefined,
      dead_letters: 1,
      open: 1,
      first_seen_at: last_seen_at,
      ...latest,
      ...entriesOf([lists.all(tenant_id)], place),
    };
    return { update: { name, fields: fieldsOf(fields) }, ...onlyAbsent };
  }

  /** So many more of its dead letters are open. */
  opening(tenantId: string, groupId: string, more: number): Write {
    return { ...adding(this.nameOf(tenantId, groupId), { open: more }), ...onlyThere };
  }

  /** There are few: those in which some are open are found among all. */
  page({ tenant_id, open, limit, cursor }: GroupQuery): Promise<Page<DeadLetterGroup>> {
    return this.#documents.page("dead_letter_groups", lists.all(tenant_id), {
      order: "newest-first",
      before: cursor,
      limit,
      read: (document) => (open === true && numberIn(document, "open") <= 0 ? undefined : group(document)),
    });
  }
}

function group(document: StoredFields): DeadLetterGroup {
  return {
    group_id: textIn(document, "group_id") ?? "",
    consumer: textIn(document, "consumer") ?? "",
    code: textIn(document, "code") ?? "",
    event_type: textIn(document, "event_type") ?? null,
    cause: textIn(document, "cause") ?? "",
    dead_letters: numberIn(document, "dead_letters"),
    open: numberIn(document, "open"),
    first_seen_at: textIn(document, "first_seen_at") ?? "",
    last_seen_at: textIn(document, "last_seen_at") ?? "",
    example: textIn(document, "example") ?? "",
  };
}
