import type { Draft } from "@contextpilot/events";
import { causeOf, groupIdOf } from "./dead-letters/cause.ts";
import { onEachReadModel, type OpenedReadModel, type WholeReadModel } from "./each-read-model.fixture.ts";
import { commit, nudge, push, said } from "./house.fixture.ts";
import type { DeadLetter, Page, SeenEvent } from "./read-model.ts";

const SEEN = "2026-03-02T12:00:01.000Z";
const LATER = "2026-03-02T12:00:02.000Z";
const tenant_id = "default";
const first = { tenant_id, limit: 50 };

const idsOf = ({ items }: Page<SeenEvent>): readonly string[] => items.map(({ event }) => event.event_id);

function letter(over: Partial<DeadLetter> = {}): DeadLetter {
  return {
    dead_letter_id: "d1",
    tenant_id,
    consumer: "git-agent",
    code: "invalid-json",
    reason: "is not JSON",
    dead_at: SEEN,
    seen_at: SEEN,
    attributes: {},
    bytes: 1,
    ...over,
  };
}

onEachReadModel((open) => {
  let opened: OpenedReadModel;
  let model: WholeReadModel;
  beforeEach(() => {
    opened = open();
    ({ model } = opened);
  });
  afterEach(() => opened.close());

  async function keep(
    ...events: readonly [id: string, draft: Draft, chain?: string, tenant?: string][]
  ): Promise<void> {
    for (const [id, draft, correlation_id = id, tenant = tenant_id] of events) {
      await model.keepEvent(said(id, draft, { correlation_id, tenant_id: tenant }), SEEN);
    }
  }

  test("an event is kept whole, once for its tenant, as it came first", async () => {
    const event = { ...said("e1", push()), from_a_newer_house: { deep: [1] } };
    expect(await model.keepEvent(event, SEEN)).toBe(true);
    expect(await model.keepEvent(said("e1", commit()), LATER)).toBe(false);
    expect(await model.keepEvent(said("e1", push(), { tenant_id: "acme" }), LATER)).toBe(true);

    expect((await model.events(first)).items).toEqual([{ event, seen_at: SEEN }]);
    expect((await model.chains(first)).items).toMatchObject([{ correlation_id: "e1", events: 1, last_seen_at: SEEN }]);
  });

  test("the same event arriving many times at once is new to one of them", async () => {
    const kept = await Promise.all(Array.from({ length: 20 }, () => model.keepEvent(said("e1", push()), SEEN)));
    expect(kept.filter(Boolean)).toHaveLength(1);
  });

  test("events and dead letters of a chain that come at once are all kept and counted", async () => {
    const many = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all([
      ...many.map((id) => model.keepEvent(said(id, commit(), { correlation_id: "p" }), SEEN)),
      ...many.map((id) => model.keepDeadLetter(letter({ dead_letter_id: id, correlation_id: "p" }), Buffer.from("{"))),
    ]);
    expect((await model.chains(first)).items).toMatchObject([{ events: 20, dead_letters: 20 }]);
    expect((await model.deadLetterGroups(first)).items).toMatchObject([{ dead_letters: 20, open: 20 }]);
    expect((await model.events(first)).items).toHaveLength(20);
    expect((await model.deadLetters(first)).items).toHaveLength(20);
  });

  test("a dead letter is kept once, byte for byte", async () => {
    const data = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(await model.keepDeadLetter(letter(), data)).toBe(true);
    expect(await model.keepDeadLetter(letter({ seen_at: LATER }), Buffer.from("other"))).toBe(false);

    const filed = {
      ...letter(),
      state: "open",
      group_id: groupIdOf(causeOf(letter())),
      arrivals: 2,
      last_seen_at: LATER,
    };
    expect((await model.deadLetters(first)).items).toEqual([filed]);
    expect(await model.deadLetter(tenant_id, "d1")).toEqual({ deadLetter: filed, data });
    expect(await model.deadLetter("acme", "d1")).toBeUndefined();
  });

  test("an empty dead letter is kept too", async () => {
    await model.keepDeadLetter(letter(), new Uint8Array());
    expect((await model.deadLetter(tenant_id, "d1"))?.data).toEqual(new Uint8Array());
  });

  test("a chain is one row: its root, and how many events and dead letters it has", async () => {
    await keep(["c1", commit(), "p1"], ["p1", push(), "p1"], ["c2", commit(), "p2"]);
    await model.keepDeadLetter(letter({ correlation_id: "p1", seen_at: LATER }), Buffer.from("x"));

    expect((await model.chains(first)).items).toEqual([
      { correlation_id: "p2", first_seen_at: SEEN, last_seen_at: SEEN, events: 1, dead_letters: 0, root: null },
      {
        correlation_id: "p1",
        first_seen_at: SEEN,
        last_seen_at: LATER,
        events: 2,
        dead_letters: 1,
        root: { event: said("p1", push()), seen_at: SEEN },
      },
    ]);
    expect((await model.deadLetters({ ...first, correlation_id: "p2" })).items).toEqual([]);
  });

  test("lists begin with the newest and go on from their cursor to the end, each event once", async () => {
    await keep(["1", push()], ["2", push()], ["3", push()], ["4", push()]);
    await keep(["5", push()]);

    const one = await model.events({ tenant_id, limit: 2 });
    const two = await model.events({ tenant_id, limit: 2, cursor: one.next ?? 0 });
    const three = await model.events({ tenant_id, limit: 2, cursor: two.next ?? 0 });
    expect([one, two, three].map(idsOf)).toEqual([["5", "4"], ["3", "2"], ["1"]]);
    expect(three.next).toBeNull();
    expect((await model.events({ tenant_id, limit: 5 })).next).toBeNull();
  });

  test("a chain begins with the oldest and goes on from its cursor", async () => {
    await keep(["p", push(), "p"], ["a", commit(), "p"], ["other", push()], ["b", commit(), "p"]);

    const one = await model.chain({ tenant_id, correlation_id: "p", limit: 2 });
    const two = await model.chain({ tenant_id, correlation_id: "p", limit: 2, cursor: one.next ?? 0 });
    expect([one, two].map(idsOf)).toEqual([["p", "a"], ["b"]]);
  });

  test("events are found by family, by version and by person", async () => {
    await keep(["p", push()], ["c", commit()], ["n1", nudge("ada")], ["n2", nudge("bob")]);
    await model.keepEvent({ ...said("c2", commit()), event_type: "git.commit.v2" }, SEEN);

    expect(idsOf(await model.events({ ...first, type: "git.commit" }))).toEqual(["c2", "c"]);
    expect(idsOf(await model.events({ ...first, type: "git.commit.v1" }))).toEqual(["c"]);
    expect(idsOf(await model.events({ ...first, type: "coach.nudge", person: "ada" }))).toEqual(["n1"]);
  });

  test("events are found by the trace and the source agent that a caller gave", async () => {
    const traced = { trace_id: "t1", source_agent_id: "indexer" };
    await model.keepEvent(said("e1", push(), traced), SEEN);
    await model.keepEvent(said("e2", push(), { trace_id: "t2" }), SEEN);
    await model.keepEvent(said("e3", commit(), { trace_id: "t1" }), SEEN);

    expect(idsOf(await model.events({ ...first, trace: "t1" }))).toEqual(["e3", "e1"]);
    expect(idsOf(await model.events({ ...first, trace: "t1", type: "git.commit" }))).toEqual(["e3"]);
    expect(idsOf(await model.events({ ...first, agent: "indexer" }))).toEqual(["e1"]);
    expect(idsOf(await model.events({ ...first, trace: "t3" }))).toEqual([]);
  });

  test("no tenant sees what is another's", async () => {
    await keep(["p", push(), "p", "acme"]);
    await model.keepDeadLetter(letter({ tenant_id: "acme", correlation_id: "p" }), Buffer.from("x"));

    for (const page of [model.events(first), model.chains(first), model.deadLetters(first)]) {
      expect(await page).toEqual({ items: [], next: null });
    }
    expect(await model.chain({ ...first, correlation_id: "p" })).toEqual({ items: [], next: null });
    expect(idsOf(await model.events({ tenant_id: "acme", limit: 1 }))).toEqual(["p"]);

    await keep(["c", commit(), "p"]);
    expect((await model.chains(first)).items).toMatchObject([{ correlation_id: "p", events: 1, root: null }]);
  });

  test("what is kept is counted, each tenant's for itself", async () => {
    await keep(["p", push(), "p"], ["c", commit(), "p"], ["n", nudge("ada"), "p"], ["q", push(), "q", "acme"]);
    await model.keepDeadLetter(letter(), Buffer.from("x"));

    expect(await model.counts(tenant_id)).toEqual({ chains: 1, events: 3, nudges: 1, dead_letters: 1 });
  });

  test("a page of large events ends early and goes on", async () => {
    const large = "x".repeat(1_500_000);
    await keep(...["1", "2", "3", "4"].map((id) => [id, commit(large)] as [string, Draft]));

    const one = await model.events(first);
    const two = await model.events({ ...first, cursor: one.next ?? 0 });
    expect([one, two].map(idsOf)).toEqual([
      ["4", "3"],
      ["2", "1"],
    ]);
  });

  test("what was kept is there after a restart, and is not new again", async () => {
    await keep(["p", push()]);
    await model.keepDeadLetter(letter(), Buffer.from("x"));
    model = await opened.reopen();

    expect(idsOf(await model.events(first))).toEqual(["p"]);
    expect(await model.keepEvent(said("p", push()), LATER)).toBe(false);
    expect(await model.keepDeadLetter(letter(), Buffer.from("x"))).toBe(false);
  });
});
