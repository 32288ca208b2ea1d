import { onlyAbsent, onlyAsRead, type FoundDocuments, type StoredFields, type Write } from "@contextpilot/firestore";
import { systemClock, type Clock } from "@contextpilot/messaging";
import type { DashboardDocuments } from "../firestore/dashboard-documents.ts";
import { fieldsOf, setting, textIn } from "../firestore/fields.ts";
import type { FirestoreChains } from "../firestore/firestore-chains.ts";
import { entriesOf, listOf, placeIn } from "../firestore/lists.ts";
import { placeAt, type Places } from "../firestore/places.ts";
import type { DeadLetterState, KeptDeadLetter, Page } from "../read-model.ts";
import {
  DECIDED_FROM,
  STATE_AFTER,
  type Decided,
  type Decision,
  type Decisions,
  type NewDecision,
  type OpenQuery,
  type PendingDecision,
  type Settlement,
} from "./decisions.ts";
import { letterLists, standingIn, waits, type FirestoreDeadLetters, type Standing } from "./firestore-dead-letters.ts";
import type { FirestoreGroups } from "./firestore-groups.ts";

export interface DecisionRooms {
  readonly documents: DashboardDocuments;
  readonly places: Places;
  readonly letters: FirestoreDeadLetters;
  readonly groups: FirestoreGroups;
  readonly chains: FirestoreChains;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** A decision that is younger is another process's, which may be about to carry it out. */
const LEFT_ALONE_MS = 60_000;

const lists = {
  letter: (tenant: string, deadLetterId: string) => listOf("in_letter", tenant, deadLetterId),
  pending: () => listOf("in_pending"),
};

/** The decisions in Firestore. A dead letter and what was decided about it change in one commit, or neither does. */
export class FirestoreDecisions implements Decisions {
  readonly #rooms: DecisionRooms;
  readonly #clock: Clock;

  constructor(rooms: DecisionRooms) {
    this.#rooms = rooms;
    this.#clock = rooms.clock ?? systemClock;
  }

  async decide(decisions: readonly NewDecision[]): Promise<readonly Decided[]> {
    const { documents, places, letters } = this.#rooms;
    const drafts = decisions.map((decision) => {
      const number = places.next(decision.at);
      const name = this.#nameOf(number);
      const content = decision.data && documents.contents.of(name, "data", decision.data);
      return { ...decision, number, name, content };
    });
    await Promise.all(drafts.map(async ({ content }) => content && documents.contents.writeParts(content)));
    const names = drafts.flatMap(({ name, tenant_id, dead_letter_id }) => [
      letters.nameOf(tenant_id, dead_letter_id),
      name,
    ]);
    return documents.change("decide about dead letters", names, letters.looksAt, (found) => {
      const moves = new Moves(this.#rooms, found);
      const written: Write[] = [];
      const result = drafts.map(({ number, name, content, data: _data, ...decision }): Decided => {
        const { tenant_id, dead_letter_id, kind } = decision;
        const before = moves.standingOf(tenant_id, dead_letter_id);
        const allowed: readonly DeadLetterState[] = DECIDED_FROM[kind];
        if (before === undefined || !allowed.includes(before.state)) return { ok: false, state: before?.state };
        const pending = kind !== "discard";
        moves.move(tenant_id, dead_letter_id, { state: STATE_AFTER[kind], pending });
        const listed = [lists.letter(tenant_id, dead_letter_id), ...(pending ? [lists.pending()] : [])];
        const status: Decision["status"] = pending ? "pending" : "done";
        const fields = { ...decision, status, state_before: before.state, ...content?.fields };
        written.push({
          update: { name, fields: fieldsOf({ ...fields, ...entriesOf(listed, number) }) },
          ...onlyAbsent,
        });
        return { ok: true, decision: number };
      });
      return { writes: [...written, ...moves.writes()], result };
    });
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    const { documents, letters } = this.#rooms;
    const names = settlements.map(({ decision }) => this.#nameOf(decision));
    const about = ["tenant_id", "dead_letter_id", "status", "state_before"];
    const before = await documents.read("read decisions", names, about);
    const lettersOf = [...before.values()].map((document) => letters.nameOf(...letterOf(document)));
    const mask = [...about, ...letters.looksAt];
    await documents.change("settle decisions", [...names, ...lettersOf], mask, (found) => {
      const moves = new Moves(this.#rooms, found);
      const written = settlements.flatMap((settlement): readonly Write[] => {
        const document = found.get(this.#nameOf(settlement.decision));
        if (document === undefined || textIn(document, "status") !== "pending") return [];
        const failed = "problem" in settlement;
        const [tenant, id] = letterOf(document);
        const now = moves.standingOf(tenant, id);
        const state = failed ? (textIn(document, "state_before") as DeadLetterState) : now?.state;
        if (state !== undefined) moves.move(tenant, id, { state, pending: false });
        const end = {
          status: failed ? "failed" : "done",
          message_id: failed ? undefined : settlement.message_id,
          problem: failed ? settlement.problem : undefined,
          in_pending: undefined,
        };
        return [{ ...setting(document.name ?? "", end), ...onlyAsRead(document) }];
      });
      return { writes: [...written, ...moves.writes()], result: undefined };
    });
  }

  /** Of those that have been pending for a minute. */
  async pending(limit: number): Promise<readonly PendingDecision[]> {
    const { documents, letters } = this.#rooms;
    const before = placeAt(new Date(this.#clock.now().getTime() - LEFT_ALONE_MS).toISOString());
    const found = await documents.first("decisions", lists.pending(), { order: "oldest-first", before }, limit);
    const pending = await Promise.all(
      found.map(async (document): Promise<PendingDecision | undefined> => {
        const kept = await letters.get(...letterOf(document));
        const kind = textIn(document, "kind") as PendingDecision["kind"];
        const data = kind === "resend" ? Uint8Array.from(await documents.contents.in(document, "data")) : undefined;
        return kept && { decision: placeIn(document, "in_pending"), kind, kept, data };
      }),
    );
    return pending.filter((one) => one !== undefined);
  }

  open({ tenant_id, group_id, cursor, up_to, limit }: OpenQuery): Promise<Page<KeptDeadLetter>> {
    const { documents, letters } = this.#rooms;
    const list =
      group_id === undefined
        ? letterLists.state(tenant_id, "open")
        : letterLists.groupState(tenant_id, group_id, "open");
    return documents.page("dead_letters", list, {
      order: "oldest-first",
      after: cursor,
      before: up_to + 1,
      limit,
      sizeOf: (document) => letters.sizeIn(document),
      read: (document) => letters.keptIn(document),
    });
  }

  async newest(tenantId: string): Promise<number> {
    const list = letterLists.all(tenantId);
    const [document] = await this.#rooms.documents.first("dead_letters", list, { order: "newest-first" }, 1);
    return document === undefined ? 0 : placeIn(document, list.field);
  }

  /** What was decided about a dead letter, the oldest first. */
  async about(tenantId: string, deadLetterId: string): Promise<readonly Decision[]> {
    return (await this.documentsAbout(tenantId, deadLetterId)).map(decision);
  }

  documentsAbout(tenantId: string, deadLetterId: string): Promise<readonly StoredFields[]> {
    const list = lists.letter(tenantId, deadLetterId);
    return this.#rooms.documents.first("decisions", list, { order: "oldest-first" }, MOST_ABOUT_ONE);
  }

  removing(document: StoredFields): readonly Write[] {
    return [{ delete: document.name ?? "" }, ...this.#rooms.documents.contents.removing(document, "data")];
  }

  #nameOf(number: number): string {
    return this.#rooms.documents.nameOf("decisions", String(number));
  }
}

const MOST_ABOUT_ONE = 500;

/** Dead letters that change their standing in one commit, with the sums of their groups and chains. */
class Moves {
  readonly #rooms: DecisionRooms;
  readonly #found: FoundDocuments;
  readonly #moved = new Map<StoredFields, Standing>();

  constructor(rooms: DecisionRooms, found: FoundDocuments) {
    this.#rooms = rooms;
    this.#found = found;
  }

  standingOf(tenantId: string, deadLetterId: string): Standing | undefined {
    const document = this.#documentOf(tenantId, deadLetterId);
    return document && (this.#moved.get(document) ?? standingIn(document));
  }

  move(tenantId: string, deadLetterId: string, to: Standing): void {
    const document = this.#documentOf(tenantId, deadLetterId);
    if (document !== undefined) this.#moved.set(document, to);
  }

  writes(): readonly Write[] {
    const { letters, groups, chains } = this.#rooms;
    const moved = [...this.#moved].map(([document, to]) => ({ document, from: standingIn(document), to }));
    const opened = sums(moved, ({ document, from, to }) => [
      [textIn(document, "tenant_id") ?? "", textIn(document, "group_id") ?? ""],
      Number(to.state === "open") - Number(from.state === "open"),
    ]);
    const waiting = sums(moved, ({ document, from, to }) => {
      const chain = textIn(document, "correlation_id");
      const more = chain === undefined ? 0 : Number(waits(to)) - Number(waits(from));
      return [[textIn(document, "tenant_id") ?? "", chain ?? ""], more];
    });
    return [
      ...moved.map(({ document, to }) => letters.moving(document, to)),
      ...opened.map(([tenant, group, more]) => groups.opening(tenant, group, more)),
      ...waiting.map(([tenant, chain, more]) => chains.waiting(tenant, chain, more)),
    ];
  }

  #documentOf(tenantId: string, deadLetterId: string): StoredFields | undefined {
    return this.#found.get(this.#rooms.letters.nameOf(tenantId, deadLetterId));
  }
}

type Key = readonly [tenant: string, id: string];

/** How much each key has got in all; those with nothing are left out. */
function sums<T>(items: readonly T[], of: (item: T) => readonly [Key, number]): readonly (readonly [...Key, number])[] {
  const totals = new Map<string, readonly [...Key, number]>();
  for (const [[tenant, id], more] of items.map(of)) {
    const key = JSON.stringify([tenant, id]);
    totals.set(key, [tenant, id, (totals.get(key)?.[2] ?? 0) + more]);
  }
  return [...totals.values()].filter(([, , total]) => total !== 0);
}

const letterOf = (document: StoredFields): Key => [
  textIn(document, "tenant_id") ?? "",
  textIn(document, "dead_letter_id") ?? "",
];

function decision(document: StoredFields): Decision {
  return {
    kind: textIn(document, "kind") as Decision["kind"],
    by: textIn(document, "by") ?? "",
    at: textIn(document, "at") ?? "",
    status: textIn(document, "status") as Decision["status"],
    message_id: textIn(document, "message_id") ?? null,
    problem: textIn(document, "problem") ?? null,
  };
}
