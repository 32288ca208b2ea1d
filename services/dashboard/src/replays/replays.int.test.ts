import type { Envelope } from "@contextpilot/events";
import { RecordingPublisher } from "@contextpilot/testing";
import { onEachReadModel, type OpenedReadModel, type WholeReadModel } from "../each-read-model.fixture.ts";
import { commit, nudge, push, said } from "../house.fixture.ts";
import { PacedPublisher } from "../paced-publisher.ts";
import { Replays } from "./replays.ts";

const tenant_id = "default";
const everything = { tenant_id };
const fast = { limit: 1000, rate: 10_000, signal: new AbortController().signal };
const at = (minute: number): string => new Date(Date.UTC(2026, 2, 2, 12, minute)).toISOString();

onEachReadModel((open) => {
  let opened: OpenedReadModel;
  let model: WholeReadModel;
  let bus: RecordingPublisher;
  let paced: PacedPublisher;
  let replays: Replays;

  beforeEach(async () => {
    opened = open();
    ({ model } = opened);
    bus = new RecordingPublisher();
    paced = new PacedPublisher(bus);
    replays = new Replays({ runs: model.replayRuns, publisher: paced, clock: { now: () => new Date(at(59)) } });

    await keep(said("p1", push()), 1);
    await keep(said("c1", commit(), { correlation_id: "p1" }), 2);
    await keep(said("n1", nudge("ada"), { correlation_id: "p1" }), 3);
    await keep(said("p2", push()), 4);
    await keep({ ...said("c2", commit()), event_type: "git.commit.v2", correlation_id: "p2" }, 5);
  });
  afterEach(async () => {
    paced.close();
    await opened.close();
  });

  const keep = (event: Envelope, minute: number): Promise<boolean> => model.keepEvent(event, at(minute));
  const saidAgain = (): readonly string[] => bus.events.map(({ event_id }) => event_id);

  async function replay(selection: Parameters<Replays["begin"]>[0]): Promise<readonly string[]> {
    const { generation } = await replays.begin(selection, "ada");
    await replays.goOn(tenant_id, generation, fast);
    return saidAgain();
  }

  test("everything is said again in the order of arrival, with its own ids and one new generation, and then it ends", async () => {
    const run = await replays.begin(everything, "ada");
    expect(run).toMatchObject({ begun_by: "ada", begun_at: at(59), events: 5, said: 0, ended_at: null });
    const ended = await replays.goOn(tenant_id, run.generation, fast);

    expect(ended).toEqual({ ...run, said: 5, ended_at: at(59) });
    expect(saidAgain()).toEqual(["p1", "c1", "n1", "p2", "c2"]);
    expect(new Set(bus.events.map(({ replay_generation }) => replay_generation))).toEqual(new Set([run.generation]));
    expect(bus.messages[1]).toMatchObject({
      topic: "git-events",
      orderingKey: "shop/main",
      attributes: { event_id: "c1", replay_generation: run.generation, correlation_id: "p1" },
    });
    expect((await replays.runs({ tenant_id, limit: 10 })).items).toEqual([ended]);
  });

  test.each([
    ["a family", { type: "git.commit" }, ["c1", "c2"]],
    ["a version", { type: "git.commit.v1" }, ["c1"]],
    ["a topic", { topic: "coach-nudges" }, ["n1"]],
    ["a topic and another's type", { topic: "coach-nudges", type: "git.push" }, []],
    ["a chain", { correlation_id: "p1" }, ["p1", "c1", "n1"]],
    ["from a time on, and before one", { from: at(2), to: at(4) }, ["c1", "n1"]],
    ["a chain and a type", { correlation_id: "p1", type: "git.push" }, ["p1"]],
  ])("%s is what is chosen", async (_what, selection, ids) => {
    expect(await replay({ tenant_id, ...selection })).toEqual(ids);
  });

  test("another tenant's events are another replay", async () => {
    await keep(said("theirs", push(), { tenant_id: "acme" }), 6);
    const { generation } = await replays.begin({ tenant_id: "acme" }, "ada");
    await expect(replays.goOn(tenant_id, generation, fast)).rejects.toThrow("no such replay");
    expect(await replays.goOn("acme", generation, fast)).toMatchObject({ said: 1 });
    expect(saidAgain()).toEqual(["theirs"]);
  });

  test("a dry run counts by type, and says and records nothing", async () => {
    expect(await replays.count({ tenant_id, correlation_id: "p1" })).toEqual({
      events: 3,
      by_type: { "coach.nudge.v1": 1, "git.commit.v1": 1, "git.push.v1": 1 },
    });
    expect(bus.messages).toEqual([]);
    expect((await replays.runs({ tenant_id, limit: 10 })).items).toEqual([]);
  });

  test("a run over nothing has ended when it began", async () => {
    expect(await replays.begin({ tenant_id, correlation_id: "unseen" }, "ada")).toMatchObject({
      events: 0,
      ended_at: at(59),
    });
  });

  test("what arrives after its beginning is not of the run, nor what a replay caused of the next", async () => {
    const run = await replays.begin(everything, "ada");
    await keep(said("late", push()), 6);
    await keep({ ...said("caused", nudge("ada")), replay_generation: run.generation }, 7);
    await replays.goOn(tenant_id, run.generation, fast);
    expect(saidAgain()).not.toContain("late");

    expect(await replays.count(everything)).toMatchObject({ events: 6, by_type: { "coach.nudge.v1": 1 } });
  });

  test("an event that comes back from its replay is not kept a second time", async () => {
    await replay({ tenant_id, type: "git.push" });
    for (const event of bus.events) expect(await keep(event, 8)).toBe(false);
    const { items } = await model.events({ tenant_id, limit: 10, type: "git.push" });
    expect(items.map(({ event }) => event.replay_generation)).toEqual([undefined, undefined]);
  });

  test("a run goes on where it stands, in another house too, and says each event once", async () => {
    const { generation } = await replays.begin(everything, "ada");
    const first = await replays.goOn(tenant_id, generation, { ...fast, limit: 2 });
    expect(first).toMatchObject({ said: 2, ended_at: null });
    model = await opened.reopen();
    replays = new Replays({ runs: model.replayRuns, publisher: paced });

    expect(await replays.goOn(tenant_id, generation, fast)).toMatchObject({ said: 5 });
    expect(await replays.goOn(tenant_id, generation, fast)).toMatchObject({ said: 5 });
    expect(saidAgain()).toEqual(["p1", "c1", "n1", "p2", "c2"]);
  });

  test("two who go on with the same run count each event once", async () => {
    const { generation } = await replays.begin(everything, "ada");
    const one = { ...fast, limit: 2 };
    await Promise.all([replays.goOn(tenant_id, generation, one), replays.goOn(tenant_id, generation, one)]);
    expect(await replays.goOn(tenant_id, generation, fast)).toMatchObject({ said: 5 });
    expect(new Set(saidAgain())).toEqual(new Set(["p1", "c1", "n1", "p2", "c2"]));
  });

  test("a run that is stopped, or that the bus refuses, stands where it stood", async () => {
    const { generation } = await replays.begin(everything, "ada");
    bus.refuse();
    await expect(replays.goOn(tenant_id, generation, fast)).rejects.toThrow("the bus is down");
    bus.refuse(false);
    const gone = AbortSignal.abort();
    expect(await replays.goOn(tenant_id, generation, { ...fast, signal: gone })).toMatchObject({
      said: 0,
      ended_at: null,
    });
    expect(await replays.goOn(tenant_id, generation, fast)).toMatchObject({ said: 5 });
  });

  test("an event without a topic stays out of it; one whose data is kept elsewhere is said as it is", async () => {
    await keep({ ...said("odd", push()), event_type: "plan.step.completed.v1" }, 6);
    const { data: _data, ...event } = said("large", push());
    await keep({ ...event, data_ref: { hash: "a".repeat(64), bytes: 300_000 } } as Envelope, 7);

    expect(await replay({ tenant_id, from: at(6) })).toEqual(["large"]);
    expect(bus.messages[0]?.orderingKey).toBe("large");
  });

  test("where replays are switched off, none is begun, gone on with or counted", async () => {
    const { generation } = await replays.begin(everything, "ada");
    const off = new Replays({ runs: model.replayRuns, publisher: paced, enabled: false });
    for (const refused of [
      off.begin(everything, "ada"),
      off.goOn(tenant_id, generation, fast),
      off.count(everything),
    ]) {
      await expect(refused).rejects.toThrow("ENABLE_EVENT_REPLAY");
    }
    expect(bus.messages).toEqual([]);
  });
});
