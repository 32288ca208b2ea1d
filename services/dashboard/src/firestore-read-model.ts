import type { Envelope } from "@contextpilot/events";
import type { FirestoreConnection } from "@contextpilot/firestore";
import type { Clock } from "@contextpilot/messaging";
import { causeOf, groupIdOf } from "./dead-letters/cause.ts";
import type { Decision } from "./dead-letters/decisions.ts";
import { FirestoreDeadLetters, letterLists } from "./dead-letters/firestore-dead-letters.ts";
import { FirestoreDecisions } from "./dead-letters/firestore-decisions.ts";
import { FirestoreGroups } from "./dead-letters/firestore-groups.ts";
import { DashboardDocuments } from "./firestore/dashboard-documents.ts";
import { FirestoreChains, chainLists } from "./firestore/firestore-chains.ts";
import { FirestoreEvents, eventLists, type PlacedEvent } from "./firestore/firestore-events.ts";
import { FirestorePruning } from "./firestore/firestore-pruning.ts";
import { queryOf } from "./firestore/lists.ts";
import { Places } from "./firestore/places.ts";
import { FirestoreProposals } from "./proposals/firestore-proposals.ts";
import type { Proposal, ProposalQuery, ProposedEvent } from "./proposals/proposal.ts";
import type {
  Chain,
  Counts,
  DeadLetter,
  DeadLetterGroup,
  DeadLetterQuery,
  EventQuery,
  FiledDeadLetter,
  GroupQuery,
  KeptDeadLetter,
  Page,
  PageQuery,
  ReadModel,
  SeenEvent,
} from "./read-model.ts";
import { FirestoreReplayRuns } from "./replays/firestore-replay-runs.ts";
import type { ReplayRuns } from "./replays/replay-runs.ts";

export interface FirestoreReadModelOptions {
  /** Told where what is old could not be taken away; the next write tries again. Default: nobody is told. */
  readonly onPruningFailed?: (error: unknown) => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * The read model in Firestore, kept by any number of processes and read by any number. What is kept takes one batched read and one
 * commit, and no two of them wait for each other. Each write takes a little of what is old away.
 */
export class FirestoreReadModel implements ReadModel {
  readonly decisions: FirestoreDecisions;
  readonly replayRuns: ReplayRuns;
  readonly #documents: DashboardDocuments;
  readonly #places = new Places();
  readonly #events: FirestoreEvents;
  readonly #chains: FirestoreChains;
  readonly #letters: FirestoreDeadLetters;
  readonly #groups: FirestoreGroups;
  readonly #proposals: FirestoreProposals;
  readonly #pruning: FirestorePruning;
  readonly #onPruningFailed: (error: unknown) => void;

  /** The connection stays its opener's to close. */
  constructor(connection: FirestoreConnection, { onPruningFailed, clock }: FirestoreReadModelOptions = {}) {
    const documents = new DashboardDocuments(connection);
    const events = new FirestoreEvents(documents);
    const chains = new FirestoreChains(documents, events);
    const letters = new FirestoreDeadLetters(documents);
    const groups = new FirestoreGroups(documents);
    const rooms = { documents, places: this.#places, letters, groups, chains, ...(clock && { clock }) };
    this.#documents = documents;
    this.#events = events;
    this.#chains = chains;
    this.#letters = letters;
    this.#groups = groups;
    this.#proposals = new FirestoreProposals(documents);
    this.decisions = new FirestoreDecisions(rooms);
    this.replayRuns = new FirestoreReplayRuns(documents, this.#places, events);
    this.#pruning = new FirestorePruning({ ...rooms, events, decisions: this.decisions });
    this.#onPruningFailed = onPruningFailed ?? (() => undefined);
  }

  async keepEvent(event: Envelope, seenAt: string, proposed?: ProposedEvent): Promise<boolean> {
    const name = this.#events.nameOf(event.tenant_id, event.event_id);
    const content = this.#events.contentOf(event);
    const proposal = proposed && this.#proposals.contentOf(proposed);
    if (content.parts.length > 0 && (await this.#isKept(name))) return false;
    await Promise.all([content, proposal].map(async (one) => one && this.#documents.contents.writeParts(one)));
    const arrival = { place: this.#places.next(seenAt), seenAt };
    const chain = this.#chains.nameOf(event.tenant_id, event.correlation_id);
    const names = [name, chain, ...(proposed === undefined ? [] : [this.#proposals.nameOf(proposed)])];
    const isNew = await this.#documents.change("keep an event", names, this.#proposals.looksAt, (found) => {
      if (found.has(name)) return { writes: [], result: false };
      const kept = this.#events.keeping(event, content, arrival.place, seenAt);
      const heard = this.#chains.hearing(found, event, { events: 1 }, arrival);
      const filed = proposed && proposal ? this.#proposals.filing(found, proposed, proposal, arrival) : [];
      return { writes: [kept, heard, ...filed], result: true };
    });
    await this.#prune(seenAt);
    return isNew;
  }

  async keepDeadLetter(letter: DeadLetter, data: Uint8Array): Promise<boolean> {
    const { tenant_id, correlation_id, seen_at: seenAt } = letter;
    const name = this.#letters.nameOf(tenant_id, letter.dead_letter_id);
    const contents = Object.values(this.#letters.contentsOf(letter, data));
    if (contents.every(({ parts }) => parts.length === 0) || !(await this.#isKept(name))) {
      await Promise.all(contents.map((content) => this.#documents.contents.writeParts(content)));
    }
    const group = groupIdOf(causeOf(letter));
    const arrival = { place: this.#places.next(seenAt), seenAt };
    const groupName = this.#groups.nameOf(tenant_id, group);
    const chain = correlation_id === undefined ? undefined : { tenant_id, correlation_id };
    const names = [name, groupName, ...(chain ? [this.#chains.nameOf(tenant_id, chain.correlation_id)] : [])];
    const isNew = await this.#documents.change("keep a dead letter", names, this.#letters.looksAt, (found) => {
      const document = found.get(name);
      if (document !== undefined) return { writes: [this.#letters.arriving(document, seenAt)], result: false };
      const kept = this.#letters.keeping(letter, contents, group, arrival.place);
      const counted = this.#groups.counting(found, letter, group, arrival.place);
      const heard = chain ? [this.#chains.hearing(found, chain, { dead_letters: 1, waiting: 1 }, arrival)] : [];
      return { writes: [kept, counted, ...heard], result: true };
    });
    await this.#prune(seenAt);
    return isNew;
  }

  events(query: EventQuery): Promise<Page<SeenEvent>> {
    return this.#events.page(query);
  }

  /** What another process has kept since: for {@link followStore}. */
  eventsAfter(tenantId: string, place: number): Promise<readonly PlacedEvent[]> {
    return this.#events.after(tenantId, place);
  }

  chains(query: PageQuery): Promise<Page<Chain>> {
    return this.#chains.page(query);
  }

  chain(query: PageQuery & { readonly correlation_id: string }): Promise<Page<SeenEvent>> {
    return this.#events.chain(query);
  }

  deadLetters(query: DeadLetterQuery): Promise<Page<FiledDeadLetter>> {
    return this.#letters.page(query);
  }

  deadLetterGroups(query: GroupQuery): Promise<Page<DeadLetterGroup>> {
    return this.#groups.page(query);
  }

  deadLetter(tenantId: string, deadLetterId: string): Promise<KeptDeadLetter | undefined> {
    return this.#letters.get(tenantId, deadLetterId);
  }

  decisionsAbout(tenantId: string, deadLetterId: string): Promise<readonly Decision[]> {
    return this.decisions.about(tenantId, deadLetterId);
  }

  proposals(query: ProposalQuery): Promise<Page<Proposal>> {
    return this.#proposals.page(query);
  }

  proposal(tenantId: string, proposalId: string): Promise<Proposal | undefined> {
    return this.#proposals.get(tenantId, proposalId);
  }

  async counts(tenant: string): Promise<Counts> {
    const all = { order: "oldest-first" } as const;
    const [chains, events, nudges, dead_letters] = await Promise.all(
      [
        queryOf("chains", chainLists.all(tenant), all),
        queryOf("seen_events", eventLists.all(tenant), all),
        queryOf("seen_events", eventLists.family(tenant, "coach.nudge"), all),
        queryOf("dead_letters", letterLists.all(tenant), all),
      ].map((query) => this.#documents.count("count what is kept", query)),
    );
    return { chains: chains ?? 0, events: events ?? 0, nudges: nudges ?? 0, dead_letters: dead_letters ?? 0 };
  }

  /** Nothing is open but the connection, which is its opener's. */
  async close(): Promise<void> {}

  async #isKept(name: string): Promise<boolean> {
    return (await this.#documents.read("look for what is kept", [name], [])).has(name);
  }

  /** It is kept: that something old stays a while longer must not bring the delivery again. */
  async #prune(now: string): Promise<void> {
    await this.#pruning.prune(now).catch(this.#onPruningFailed);
  }
}
