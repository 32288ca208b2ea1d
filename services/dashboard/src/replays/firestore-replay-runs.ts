import { parseEventType } from "@contextpilot/events";
import { onlyAbsent, onlyAsRead, type StoredFields } from "@contextpilot/firestore";
import { resolveTopology } from "@contextpilot/topology";
import type { DashboardDocuments } from "../firestore/dashboard-documents.ts";
import { fieldsOf, numberIn, setting, textIn } from "../firestore/fields.ts";
import { eventLists, familyOf, type FirestoreEvents } from "../firestore/firestore-events.ts";
import { entriesOf, listOf, placeIn, type List } from "../firestore/lists.ts";
import { placeAt, type Places } from "../firestore/places.ts";
import type { Page, PageQuery, SeenEvent } from "../read-model.ts";
import {
  shownRun,
  type PlacedRun,
  type ReplayCount,
  type ReplayRun,
  type ReplayRuns,
  type ReplaySelection,
} from "./replay-runs.ts";

const { topics } = resolveTopology();
const lists = { all: (tenant: string) => listOf("in_all", tenant) };

/** Counted with one query: their ids and types alone are read. */
const COUNTED_AT_ONCE = 500;
/** By so much the places of a process may run ahead of the time, where its clock was set back. */
const AHEAD_MS = 3_600_000;

/** The replays in Firestore. What is to be said is found in one list of the events; what else is wanted is looked at event by event. */
export class FirestoreReplayRuns implements ReplayRuns {
  readonly #documents: DashboardDocuments;
  readonly #places: Places;
  readonly #events: FirestoreEvents;

  constructor(documents: DashboardDocuments, places: Places, events: FirestoreEvents) {
    this.#documents = documents;
    this.#places = places;
    this.#events = events;
  }

  async count(selection: ReplaySelection): Promise<ReplayCount> {
    const counted = new Map<string, number>();
    const wanted = wantedBy(selection);
    let events = 0;
    for (let after: number | null | undefined = wanted.after; after !== null;) {
      const page: Page<string> = await this.#documents.page("seen_events", wanted.list, {
        ...wanted,
        order: "oldest-first",
        after,
        limit: COUNTED_AT_ONCE,
        select: ["event_type", "replay_generation", "seen_at"],
        read: (document) => (wanted.has(document) ? textIn(document, "event_type") : undefined),
      });
      for (const type of page.items) counted.set(type, (counted.get(type) ?? 0) + 1);
      events += page.items.length;
      after = page.next;
    }
    return { events, by_type: Object.fromEntries([...counted].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
  }

  async begin(run: Pick<ReplayRun, "generation" | "selection" | "begun_by" | "begun_at">): Promise<PlacedRun> {
    const [newest] = await this.#documents.first(
      "seen_events",
      eventLists.all(run.selection.tenant_id),
      { order: "newest-first" },
      1,
    );
    const up_to = newest === undefined ? 0 : placeIn(newest, "in_all");
    const { events } = await this.count(run.selection);
    const placed = { ...run, events, said: 0, ended_at: null, said_to: 0, up_to };
    const name = this.#nameOf(run.generation);
    const { selection, ended_at: _ended, ...plain } = placed;
    const { tenant_id } = selection;
    const listed = entriesOf([lists.all(tenant_id)], this.#places.next(run.begun_at));
    const fields = fieldsOf({ ...plain, tenant_id, selection: JSON.stringify(selection), ...listed });
    await this.#documents.change("begin a replay", [name], [], (found) => ({
      writes: found.has(name) ? [] : [{ update: { name, fields }, ...onlyAbsent }],
      result: undefined,
    }));
    return placed;
  }

  async run(tenantId: string, generation: string): Promise<PlacedRun | undefined> {
    const name = this.#nameOf(generation);
    const document = (await this.#documents.read("read a replay", [name])).get(name);
    return document !== undefined && textIn(document, "tenant_id") === tenantId ? placedRun(document) : undefined;
  }

  runs({ tenant_id, limit, cursor }: PageQuery): Promise<Page<ReplayRun>> {
    return this.#documents.page("replays", lists.all(tenant_id), {
      order: "newest-first",
      before: cursor,
      limit,
      read: (document) => shownRun(placedRun(document)),
    });
  }

  events({ selection, said_to, up_to }: PlacedRun, limit: number): Promise<Page<SeenEvent>> {
    const { list, after = 0, before = Infinity, has } = wantedBy(selection);
    return this.#documents.page("seen_events", list, {
      order: "oldest-first",
      after: Math.max(after, said_to),
      before: Math.min(before, up_to + 1),
      limit,
      sizeOf: (document) => this.#events.sizeIn(document),
      read: (document) => (has(document) ? this.#events.seenIn(document) : undefined),
    });
  }

  async advance(
    { generation, said_to: from }: PlacedRun,
    { said_to, said, ended_at }: { said_to: number; said: number; ended_at: string | null },
  ): Promise<void> {
    const name = this.#nameOf(generation);
    await this.#documents.change("go on with a replay", [name], ["said_to", "said", "ended_at"], (found) => {
      const document = found.get(name);
      const isThere =
        document !== undefined && numberIn(document, "said_to") === from && textIn(document, "ended_at") === undefined;
      if (!isThere) return { writes: [], result: undefined };
      const moved = { said_to, said: numberIn(document, "said") + said, ended_at: ended_at ?? undefined };
      return { writes: [{ ...setting(name, moved), ...onlyAsRead(document) }], result: undefined };
    });
  }

  #nameOf(generation: string): string {
    return this.#documents.nameOf("replays", generation);
  }
}

interface WantedEvents {
  readonly list: List;
  readonly after: number | undefined;
  readonly before: number | undefined;
  /** Whether an event of the list is one of them. */
  readonly has: (document: StoredFields) => boolean;
}

/** The shortest list that has them all, and which of it they are. */
function wantedBy({ tenant_id, type, topic, correlation_id, from, to }: ReplaySelection): WantedEvents {
  // Only what has a topic can be said again.
  const families = topics.flatMap(({ name, families }) => (topic === undefined || topic === name ? families : []));
  const [only] = families.length === 1 ? families : [];
  const byType = (): List =>
    type !== undefined && parseEventType(type) !== undefined
      ? eventLists.type(tenant_id, type)
      : eventLists.family(tenant_id, type ?? only ?? "");
  const everything = type === undefined && only === undefined;
  const has = (document: StoredFields): boolean => {
    const eventType = textIn(document, "event_type") ?? "";
    const seenAt = textIn(document, "seen_at") ?? "";
    return (
      textIn(document, "replay_generation") === undefined &&
      families.includes(familyOf(eventType)) &&
      (type === undefined || type === eventType || type === familyOf(eventType)) &&
      (from === undefined || seenAt >= from) &&
      (to === undefined || seenAt < to)
    );
  };
  return {
    list:
      correlation_id !== undefined
        ? eventLists.chain(tenant_id, correlation_id)
        : everything
          ? eventLists.all(tenant_id)
          : byType(),
    // A place is never before its moment.
    after: from === undefined ? undefined : placeAt(from) - 1,
    before: to === undefined ? undefined : placeAt(new Date(Date.parse(to) + AHEAD_MS).toISOString()),
    has,
  };
}

// What stands in the document was written by this class.

function placedRun(document: StoredFields): PlacedRun {
  return {
    generation: textIn(document, "generation") ?? "",
    selection: JSON.parse(textIn(document, "selection") ?? "{}") as ReplaySelection,
    begun_by: textIn(document, "begun_by") ?? "",
    begun_at: textIn(document, "begun_at") ?? "",
    events: numberIn(document, "events"),
    said: numberIn(document, "said"),
    ended_at: textIn(document, "ended_at") ?? null,
    said_to: numberIn(document, "said_to"),
    up_to: numberIn(document, "up_to"),
  };
}
