import { onlyAbsent, onlyAsRead, type FoundDocuments, type StoredFields, type Write } from "@contextpilot/firestore";
import type { Content } from "../firestore/contents.ts";
import type { DashboardDocuments } from "../firestore/dashboard-documents.ts";
import { fieldsOf, numberIn, setting, textIn } from "../firestore/fields.ts";
import { entriesOf, listOf } from "../firestore/lists.ts";
import type { Page } from "../read-model.ts";
import type { Proposal, ProposalQuery, ProposedEvent } from "./proposal.ts";

const CONTENT = "envelope";

const lists = {
  all: (tenant: string) => listOf("in_all", tenant),
  repository: (tenant: string, repository: string) => listOf("in_repository", tenant, repository),
};

/** The proposals in Firestore, each as its latest revision. */
export class FirestoreProposals {
  readonly #documents: DashboardDocuments;

  constructor(documents: DashboardDocuments) {
    this.#documents = documents;
  }

  nameOf({ tenant_id, data }: ProposedEvent): string {
    return this.#documents.nameOf("proposals", tenant_id, data.proposal_id);
  }

  contentOf(event: ProposedEvent): Content {
    return this.#documents.contents.of(this.nameOf(event), CONTENT, Buffer.from(JSON.stringify(event)));
  }

  /** With the commit that keeps the event. Revisions may arrive in any order: a later one stays. */
  filing(
    found: FoundDocuments,
    event: ProposedEvent,
    content: Content,
    { place, seenAt }: { readonly place: number; readonly seenAt: string },
  ): readonly Write[] {
    const name = this.nameOf(event);
    const { repository, revision } = event.data;
    const document = found.get(name);
    const latest = { revision, seen_at: seenAt, ...content.fields };
    if (document === undefined) {
      const listed = entriesOf([lists.all(event.tenant_id), lists.repository(event.tenant_id, repository)], place);
      return [{ update: { name, fields: fieldsOf({ first_seen_at: seenAt, ...latest, ...listed }) }, ...onlyAbsent }];
    }
    // Too late: what of it stands apart goes again.
    if (revision <= numberIn(document, "revision"))
      return content.parts.map((part) => ({ delete: part.update?.name ?? "" }));
    const earlier = { [CONTENT]: undefined, [`${CONTENT}_sum`]: undefined };
    return [
      { ...setting(name, { ...earlier, ...latest }), ...onlyAsRead(document) },
      ...this.#documents.contents.removing(document, CONTENT),
    ];
  }

  /** Of a document, what {@link filing} looks at. */
  readonly looksAt = ["revision", `${CONTENT}_sum`, `${CONTENT}_size`];

  /** The one that was made last comes first. */
  page({ tenant_id, repository, limit, cursor }: ProposalQuery): Promise<Page<Proposal>> {
    const list = repository === undefined ? lists.all(tenant_id) : lists.repository(tenant_id, repository);
    return this.#documents.page("proposals", list, {
      order: "newest-first",
      before: cursor,
      limit,
      sizeOf: (document) => this.#documents.contents.sizeIn(document, CONTENT),
      read: (document) => this.#proposalIn(document),
    });
  }

  async get(tenantId: string, proposalId: string): Promise<Proposal | undefined> {
    const name = this.#documents.nameOf("proposals", tenantId, proposalId);
    const document = (await this.#documents.read("read a proposal", [name])).get(name);
    return document && this.#proposalIn(document);
  }

  /** What stands in its envelope was a proposal when it was kept. */
  async #proposalIn(document: StoredFields): Promise<Proposal> {
    const bytes = await this.#documents.contents.in(document, CONTENT);
    const envelope = JSON.parse(new TextDecoder().decode(bytes)) as ProposedEvent;
    const { data, source, event_id, correlation_id } = envelope;
    const times = {
      first_seen_at: textIn(document, "first_seen_at") ?? "",
      seen_at: textIn(document, "seen_at") ?? "",
    };
    return { ...data, source, event_id, correlation_id, ...times };
  }
}
