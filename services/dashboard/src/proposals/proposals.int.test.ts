import { createLogger } from "@contextpilot/agent-host";
import { proposalCreated, proposalUpdated, type DataOf, type Envelope } from "@contextpilot/events";
import { MemoryPayloads } from "@contextpilot/messaging";
import { deliveryOf } from "@contextpilot/testing";
import type { FastifyInstance } from "fastify";
import type { ErrorAnswer, ProposalSummary } from "../answers.ts";
import { onEachReadModel, type OpenedReadModel } from "../each-read-model.fixture.ts";
import { createFeed, type Feed } from "../feed.ts";
import { said } from "../house.fixture.ts";
import type { Page } from "../read-model.ts";
import { createWeb } from "../web.ts";
import type { Proposal } from "./proposal.ts";

const NOW = "2026-03-02T12:00:01.000Z";
const PATCH = "--- a/CHANGELOG.md\n+++ b/CHANGELOG.md\n@@ -1 +1,2 @@\n # Changes\n+- A cärt\n";

const data = (proposal_id: string, over: Partial<DataOf<"proposal.created.v1">> = {}) => ({
  proposal_id,
  type: "changelog",
  title: "Tell users of the cart",
  files_affected: 1,
  impact: "low" as const,
  user_id: "ada",
  reason: "They notice it",
  repository: "shop",
  files: ["CHANGELOG.md"],
  revision: 1,
  patch: PATCH,
  ...over,
});
const created = (id: string, over: Partial<DataOf<"proposal.created.v1">> = {}): Envelope =>
  said(`created-${id}`, proposalCreated(data(id, over)), { source: "spec-agent", correlation_id: "push" });
const updated = (id: string, revision: number): Envelope =>
  said(`updated-${id}-${revision}`, proposalUpdated(data(id, { revision, title: `Revision ${revision}` })), {
    source: "spec-agent",
    correlation_id: "push-2",
  });

onEachReadModel((open) => {
  let opened: OpenedReadModel;
  let payloads: MemoryPayloads;
  let lines: string[];
  let feed: Feed;
  let web: FastifyInstance;

  beforeEach(() => {
    opened = open();
    const { model: readModel } = opened;
    payloads = new MemoryPayloads();
    lines = [];
    const logger = createLogger({ service: "dashboard", destination: { write: (line) => void lines.push(line) } });
    feed = createFeed({ readModel, payloads, logger, clock: { now: () => new Date(NOW) } });
    web = createWeb({ readModel, logger });
  });
  afterEach(async () => {
    await web.close();
    await opened.close();
  });

  /** Says of its data only where that is kept, or was. */
  async function aside(id: string, kept: boolean): Promise<Envelope> {
    const { data: whole, ...event } = created(id);
    const bytes = Buffer.from(JSON.stringify(whole));
    const hash = kept ? await payloads.put(bytes) : "0".repeat(64);
    return { ...event, data: undefined, data_ref: { hash, bytes: bytes.byteLength } };
  }

  async function hear(...events: readonly Envelope[]): Promise<void> {
    for (const event of events) await feed.take(deliveryOf(event, { subscription: "ui-from-proposals" }));
  }

  async function get<T>(url: string): Promise<T> {
    return (await web.inject({ url, headers: { host: "127.0.0.1:8080" } })).json<T>();
  }
  const titles = async (query = ""): Promise<readonly string[]> =>
    (await get<Page<ProposalSummary>>(`/api/proposals${query}`)).items.map(({ title }) => title);

  test("a proposal is listed once, as its latest revision, in whatever order they arrive", async () => {
    await hear(created("p1"), updated("p1", 3), updated("p1", 2), created("p2", { title: "Another" }));

    expect(await titles()).toEqual(["Another", "Revision 3"]);
    expect(await get<Proposal>("/api/proposals/p1")).toMatchObject({
      proposal_id: "p1",
      revision: 3,
      patch: PATCH,
      source: "spec-agent",
      event_id: "updated-p1-3",
      correlation_id: "push-2",
      first_seen_at: NOW,
      seen_at: NOW,
    });
  });

  test("the list comes in pages, by repository, and leaves the patches out", async () => {
    await hear(created("p1", { title: "One" }), created("p2", { title: "Two", repository: "till" }), created("p3"));

    const { items, next } = await get<Page<ProposalSummary>>("/api/proposals?limit=2");
    expect(items.map(({ proposal_id }) => proposal_id)).toEqual(["p3", "p2"]);
    expect(items[0]).toMatchObject({ patch_bytes: Buffer.byteLength(PATCH) });
    expect(items[0]).not.toHaveProperty("patch");
    expect(await titles(`?limit=2&cursor=${next}`)).toEqual(["One"]);
    expect(await titles("?repository=till")).toEqual(["Two"]);
    expect(await get<ErrorAnswer>("/api/proposals?repo=till")).toMatchObject({ error: { code: "invalid-query" } });
    expect(await get<ErrorAnswer>("/api/proposals/p9")).toMatchObject({ error: { message: "no such proposal" } });
  });

  test("no tenant sees what is proposed to another", async () => {
    await hear({ ...created("p1"), tenant_id: "acme" });
    expect(await titles()).toEqual([]);
    expect(await get<ErrorAnswer>("/api/proposals/p1")).toMatchObject({ error: { code: "not-found" } });
  });

  test("a patch that is kept aside is there all the same; one that is lost leaves the event, with a line in the log", async () => {
    await hear(await aside("p1", true), await aside("p2", false));

    expect(await get<Proposal>("/api/proposals/p1")).toMatchObject({ patch: PATCH });
    expect(await get<ErrorAnswer>("/api/proposals/p2")).toMatchObject({ error: { code: "not-found" } });
    expect((await feed.readModel.events({ tenant_id: "default", limit: 9 })).items).toHaveLength(2);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event_id: "created-p2", message: "a proposal without its data, not filed" },
    ]);
  });

  test("a patch that is long is there whole, as its latest revision", async () => {
    const long = PATCH + "+more\n".repeat(30_000);
    await hear(said("long", proposalCreated(data("p1", { patch: PATCH + long }))), updated("p1", 2));
    expect(await get<Proposal>("/api/proposals/p1")).toMatchObject({ revision: 2, patch: PATCH });
    const later = data("p1", { revision: 3, patch: long });
    await hear(said("longer", proposalUpdated(later)), said("late", proposalUpdated({ ...later, revision: 1 })));
    expect(await get<Proposal>("/api/proposals/p1")).toMatchObject({ revision: 3, patch: long });
  });
});
