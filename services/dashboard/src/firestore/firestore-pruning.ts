import { onlyAsRead, type Query, type StoredFields, type Write } from "@contextpilot/firestore";
import { KEPT_DAYS } from "@contextpilot/messaging";
import { letterLists } from "../dead-letters/firestore-dead-letters.ts";
import type { DecisionRooms, FirestoreDecisions } from "../dead-letters/firestore-decisions.ts";
import { momentOf, numberIn, setting, textIn, valueOf } from "./fields.ts";
import { eventLists, type FirestoreEvents } from "./firestore-events.ts";

const DAY_MS = 86_400_000;
/** Taken with one write: more than a write leaves behind, and so little that no delivery waits for it. */
const AT_ONCE = 50;
/** Where nothing was old enough, this passes before the next look. */
const PAUSE_MS = 60_000;

export interface PruningRooms extends DecisionRooms {
  readonly events: FirestoreEvents;
  readonly decisions: FirestoreDecisions;
}

/** Takes what is older than 70 days out of Firestore, chain by chain, a few documents with each write. */
export class FirestorePruning {
  readonly #rooms: PruningRooms;
  #nextLook = 0;

  constructor(rooms: PruningRooms) {
    this.#rooms = rooms;
  }

  /** After a write at this time. */
  async prune(now: string): Promise<void> {
    const time = momentOf(now);
    if (time < this.#nextLook) return;
    const before = time - KEPT_DAYS * DAY_MS;
    const [chain] = await this.#rooms.documents.find("look for what is old", oldChains(before));
    if (chain !== undefined) await this.#pruneChain(chain, before);
    else if (!(await this.#pruneChainless(before))) this.#nextLook = time + PAUSE_MS;
  }

  /** Its events first, then its dead letters: until the last step the list of chains knows it. */
  async #pruneChain(chain: StoredFields, before: number): Promise<void> {
    const { documents, events } = this.#rooms;
    const [tenant, id] = [textIn(chain, "tenant_id") ?? "", textIn(chain, "correlation_id") ?? ""];
    const newestFirst = { order: "newest-first" } as const;
    const old = await documents.first("seen_events", eventLists.chain(tenant, id), newestFirst, AT_ONCE);
    const room = AT_ONCE - old.length;
    const died =
      room === 0 ? [] : await documents.first("dead_letters", letterLists.chain(tenant, id), newestFirst, room);
    const isLast = old.length + died.length < AT_ONCE;
    const writes = [...old.flatMap((document) => events.removing(document)), ...(await this.#removing(died))];
    const name = chain.name ?? "";
    await this.#regroup(died, [name], (found) => {
      const current = found.get(name);
      // Whoever was heard of meanwhile stays whole.
      if (current === undefined || numberIn(current, "waiting") > 0 || numberIn(current, "last_seen") >= before)
        return [];
      const unchanged = onlyAsRead(current);
      return [...writes, isLast ? { delete: name, ...unchanged } : { ...setting(name, {}), ...unchanged }];
    });
  }

  /** Whether there was one. */
  async #pruneChainless(before: number): Promise<boolean> {
    const died = await this.#rooms.documents.find("look for what is old", oldLetters(before));
    if (died.length === 0) return false;
    const writes = await this.#removing(died);
    await this.#regroup(died, [], () => writes);
    return true;
  }

  /** Dead letters with what was decided about them. */
  async #removing(died: readonly StoredFields[]): Promise<readonly Write[]> {
    const { letters, decisions } = this.#rooms;
    const removals = await Promise.all(
      died.map(async (letter) => {
        const [tenant, id] = [textIn(letter, "tenant_id") ?? "", textIn(letter, "dead_letter_id") ?? ""];
        const about = await decisions.documentsAbout(tenant, id);
        return [...letters.removing(letter), ...about.flatMap((document) => decisions.removing(document))];
      }),
    );
    return removals.flat();
  }

  /** With the removals the groups of these dead letters count less; one goes with its last. Without removals nothing happens. */
  async #regroup(
    died: readonly StoredFields[],
    names: readonly string[],
    removals: (found: ReadonlyMap<string, StoredFields>) => readonly Write[],
  ): Promise<void> {
    const { documents, groups } = this.#rooms;
    const gone = new Set(died.map((letter) => textIn(letter, "dead_letter_id")));
    const byGroup = [
      ...Map.groupBy(died, (letter) =>
        JSON.stringify([textIn(letter, "tenant_id") ?? "", textIn(letter, "group_id") ?? ""]),
      ),
    ];
    const regrouped = await Promise.all(
      byGroup.map(async ([key, letters]) => {
        const [tenant, group] = JSON.parse(key) as [string, string];
        const list = letterLists.group(tenant, group);
        const newest = await documents.first("dead_letters", list, { order: "newest-first" }, letters.length + 1);
        const example = newest.map((letter) => textIn(letter, "dead_letter_id")).find((id) => !gone.has(id));
        return { name: groups.nameOf(tenant, group), less: letters.length, example };
      }),
    );
    const read = [...names, ...regrouped.map(({ name }) => name)];
    const mask = ["waiting", "last_seen", "dead_letters"];
    await documents.change("take away what is old", read, mask, (found) => {
      const removed = removals(found);
      if (removed.length === 0) return { writes: [], result: undefined };
      const counted = regrouped.flatMap(({ name, less, example }): readonly Write[] => {
        const group = found.get(name);
        if (group === undefined) return [];
        const dead_letters = numberIn(group, "dead_letters") - less;
        if (dead_letters <= 0) return [{ delete: name, ...onlyAsRead(group) }];
        const left = { dead_letters, ...(example === undefined ? {} : { example }) };
        return [{ ...setting(name, left), ...onlyAsRead(group) }];
      });
      return { writes: [...removed, ...counted], result: undefined };
    });
  }
}

const oldestFirst = (field: string) => [{ field: { fieldPath: field }, direction: "ASCENDING" }] as const;
const earlier = (field: string, than: number) =>
  ({ fieldFilter: { field: { fieldPath: field }, op: "LESS_THAN", value: valueOf(than) } }) as const;

/** The oldest chain of which nothing waits: the one query that needs an index of two fields. */
const oldChains = (before: number): Query => ({
  from: [{ collectionId: "chains" }],
  where: {
    compositeFilter: {
      op: "AND",
      filters: [
        { fieldFilter: { field: { fieldPath: "waiting" }, op: "EQUAL", value: valueOf(0) } },
        earlier("last_seen", before),
      ],
    },
  },
  orderBy: [...oldestFirst("last_seen")],
  limit: { value: 1 },
});

/** Dead letters without a chain that wait for nobody. */
const oldLetters = (before: number): Query => ({
  from: [{ collectionId: "dead_letters" }],
  where: earlier("goes_after", before),
  orderBy: [...oldestFirst("goes_after")],
  limit: { value: AT_ONCE },
});
