import { parseEventType, type Envelope } from "@contextpilot/events";
import type { StoredFields, Write } from "@contextpilot/firestore";
import { onlyAbsent } from "@contextpilot/firestore";
import type { EventQuery, Page, PageQuery, SeenEvent } from "../read-model.ts";
import type { Content } from "./contents.ts";
import type { DashboardDocuments } from "./dashboard-documents.ts";
import { fieldsOf, textIn } from "./fields.ts";
import { entriesOf, listOf, placeIn, type List } from "./lists.ts";

const CONTENT = "envelope";
const AT_ONCE = 100;

/** An event with its place in the order of arrival. */
export interface PlacedEvent extends SeenEvent {
  readonly place: number;
}

/** The lists that an event stands in, each below its tenant. */
export const eventLists = {
  all: (tenant: string) => listOf("in_all", tenant),
  chain: (tenant: string, correlationId: string) => listOf("in_chain", tenant, correlationId),
  family: (tenant: string, family: string) => listOf("in_family", tenant, family),
  type: (tenant: string, type: string) => listOf("in_type", tenant, type),
  /** What people ask for of a person is of one family: nudges. */
  person: (tenant: string, person: string, family: string) => listOf("in_person", tenant, person, family),
  trace: (tenant: string, trace: string) => listOf("in_trace", tenant, trace),
  agent: (tenant: string, agent: string) => listOf("in_agent", tenant, agent),
};

/** The events in Firestore, in the order of arrival. */
export class FirestoreEvents {
  readonly #documents: DashboardDocuments;

  constructor(documents: DashboardDocuments) {
    this.#documents = documents;
  }

  nameOf(tenantId: string, eventId: string): string {
    return this.#documents.nameOf("seen_events", tenantId, eventId);
  }

  contentOf(event: Envelope): Content {
    const name = this.nameOf(event.tenant_id, event.event_id);
    return this.#documents.contents.of(name, CONTENT, Buffer.from(JSON.stringify(event)));
  }

  keeping(event: Envelope, content: Content, place: number, seenAt: string): Write {
    const { tenant_id: tenant, event_id, event_type: type, correlation_id, user_id, trace_id, source_agent_id } = event;
    const family = familyOf(type);
    const lists: readonly List[] = [
      eventLists.all(tenant),
      eventLists.chain(tenant, correlation_id),
      eventLists.family(tenant, family),
      eventLists.type(tenant, type),
      ...(user_id === undefined ? [] : [eventLists.person(tenant, user_id, family)]),
      ...(trace_id === undefined ? [] : [eventLists.trace(tenant, trace_id)]),
      ...(source_agent_id === undefined ? [] : [eventLists.agent(tenant, source_agent_id)]),
    ];
    const fields = {
      seen_at: seenAt,
      event_type: type,
      replay_generation: event.replay_generation,
      ...content.fields,
      ...entriesOf(lists, place),
    };
    return { update: { name: this.nameOf(tenant, event_id), fields: fieldsOf(fields) }, ...onlyAbsent };
  }

  /** By the list that is likely to be the shortest; what else is wanted is looked at event by event. */
  page({ limit, cursor, ...query }: EventQuery): Promise<Page<SeenEvent>> {
    return this.#documents.page("seen_events", listFor(query), {
      order: "newest-first",
      before: cursor,
      limit,
      sizeOf: (document) => this.sizeIn(document),
      read: async (document) => {
        const seen = await this.seenIn(document);
        return isWanted(seen.event, query) ? seen : undefined;
      },
    });
  }

  chain({
    tenant_id,
    correlation_id,
    limit,
    cursor,
  }: PageQuery & { readonly correlation_id: string }): Promise<Page<SeenEvent>> {
    return this.#documents.page("seen_events", eventLists.chain(tenant_id, correlation_id), {
      order: "oldest-first",
      after: cursor,
      limit,
      sizeOf: (document) => this.sizeIn(document),
      read: (document) => this.seenIn(document),
    });
  }

  /** All events of a tenant after a place, the oldest first: those that are there by now. */
  async after(tenantId: string, place: number): Promise<readonly PlacedEvent[]> {
    const events: PlacedEvent[] = [];
    for (let after: number | null = place; after !== null;) {
      const list = eventLists.all(tenantId);
      const page: Page<PlacedEvent> = await this.#documents.page("seen_events", list, {
        order: "oldest-first",
        after,
        limit: AT_ONCE,
        sizeOf: (document) => this.sizeIn(document),
        read: async (document) => ({ ...(await this.seenIn(document)), place: placeIn(document, list.field) }),
      });
      events.push(...page.items);
      after = page.next;
    }
    return events;
  }

  /** The events with these ids, in their order. */
  async byId(tenantId: string, eventIds: readonly string[]): Promise<readonly (SeenEvent | undefined)[]> {
    const names = eventIds.map((id) => this.nameOf(tenantId, id));
    const found = await this.#documents.read("read events", names);
    return Promise.all(
      names.map(async (name) => {
        const document = found.get(name);
        return document && this.seenIn(document);
      }),
    );
  }

  async seenIn(document: StoredFields): Promise<SeenEvent> {
    const bytes = await this.#documents.contents.in(document, CONTENT);
    // What stands there was an event when it was kept.
    const event = JSON.parse(new TextDecoder().decode(bytes)) as Envelope;
    return { event, seen_at: textIn(document, "seen_at") ?? "" };
  }

  sizeIn(document: StoredFields): number {
    return this.#documents.contents.sizeIn(document, CONTENT);
  }

  removing(document: StoredFields): readonly Write[] {
    return [{ delete: document.name ?? "" }, ...this.#documents.contents.removing(document, CONTENT)];
  }
}

type Wanted = Omit<EventQuery, "limit" | "cursor">;

function listFor({ tenant_id, type, person, trace, agent }: Wanted): List {
  if (trace !== undefined) return eventLists.trace(tenant_id, trace);
  if (agent !== undefined) return eventLists.agent(tenant_id, agent);
  if (type === undefined) return eventLists.all(tenant_id);
  if (person !== undefined) return eventLists.person(tenant_id, person, familyOf(type));
  return parseEventType(type) === undefined ? eventLists.family(tenant_id, type) : eventLists.type(tenant_id, type);
}

/** A family stands for all its versions. */
const isWanted = (event: Envelope, { type, person, trace, agent }: Wanted): boolean =>
  (type === undefined || event.event_type === type || familyOf(event.event_type) === type) &&
  (person === undefined || event.user_id === person) &&
  (trace === undefined || event.trace_id === trace) &&
  (agent === undefined || event.source_agent_id === agent);

export const familyOf = (type: string): string => parseEventType(type)?.family ?? type;
