import { onEachReadModel, type OpenedReadModel, type WholeReadModel } from "./each-read-model.fixture.ts";
import { commit, nudge, push, said } from "./house.fixture.ts";
import type { DeadLetter } from "./read-model.ts";

const tenant_id = "default";
const all = { tenant_id, limit: 500 };
const DAY_MS = 86_400_000;
const day = (days: number): string => new Date(Date.parse("2026-03-02T12:00:00.000Z") + days * DAY_MS).toISOString();

onEachReadModel((open) => {
  let opened: OpenedReadModel;
  let model: WholeReadModel;
  beforeEach(() => {
    opened = open();
    ({ model } = opened);
  });
  afterEach(() => opened.close());

  async function chain(correlation_id: string, events: number, at: string): Promise<void> {
    await model.keepEvent(said(correlation_id, push()), at);
    for (let index = 1; index < events; index += 1) {
      await model.keepEvent(said(`${correlation_id}-${index}`, commit(), { correlation_id }), at);
    }
  }

  function die(dead_letter_id: string, at: string, correlation_id?: string): Promise<boolean> {
    const letter: DeadLetter = {
      dead_letter_id,
      tenant_id,
      consumer: "git-agent",
      code: "invalid-json",
      reason: "is not JSON",
      dead_at: at,
      seen_at: at,
      attributes: {},
      bytes: 1,
      ...(correlation_id === undefined ? {} : { correlation_id }),
    };
    return model.keepDeadLetter(letter, Buffer.from("{"));
  }
  const discard = (dead_letter_id: string): Promise<unknown> =>
    model.decisions.decide([{ tenant_id, dead_letter_id, kind: "discard", by: "ada", at: day(0) }]);

  /** Writes of one chain, so many that everything old may go with them. */
  async function writes(at: string, count = 12): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await model.keepEvent(said(`new-${at}-${index}`, nudge(), { correlation_id: "new" }), at);
    }
  }
  const chains = async (): Promise<readonly string[]> =>
    (await model.chains(all)).items.map(({ correlation_id }) => correlation_id);
  const letters = async (): Promise<readonly string[]> =>
    (await model.deadLetters(all)).items.map(({ dead_letter_id }) => dead_letter_id);

  test("a chain goes 70 days after the last that was heard of it, and not a day before", async () => {
    await chain("old", 40, day(0));
    await chain("revived", 3, day(0));
    await model.keepEvent(said("revived-late", nudge(), { correlation_id: "revived" }), day(30));

    await writes(day(69.9));
    expect(await chains()).toEqual(["new", "revived", "old"]);
    await writes(day(70.1));
    expect(await chains()).toEqual(["new", "revived"]);
    expect((await model.chain({ ...all, correlation_id: "old" })).items).toEqual([]);
    expect((await model.chain({ ...all, correlation_id: "revived" })).items).toHaveLength(4);
  });

  test("a dead letter that waits for a decision keeps its chain whole; decided, it goes with it, and so does its group", async () => {
    await chain("old", 3, day(0));
    await die("d1", day(0), "old");
    await writes(day(71));
    expect(await letters()).toEqual(["d1"]);
    expect((await model.chain({ ...all, correlation_id: "old" })).items).toHaveLength(3);

    await discard("d1");
    await writes(day(72));
    expect(await letters()).toEqual([]);
    expect(await chains()).toEqual(["new"]);
    expect((await model.deadLetterGroups(all)).items).toEqual([]);
    expect(await model.decisionsAbout(tenant_id, "d1")).toEqual([]);
  });

  test("a dead letter without a chain goes when it is old and decided; its group counts the others", async () => {
    await die("open", day(0));
    await die("discarded", day(0));
    await discard("discarded");
    await writes(day(71));

    expect(await letters()).toEqual(["open"]);
    expect((await model.deadLetterGroups(all)).items).toMatchObject([{ dead_letters: 1, open: 1, example: "open" }]);
  });

  test("what is redriven and not yet known to be sent waits too", async () => {
    await die("d1", day(0));
    await model.decisions.decide([{ tenant_id, dead_letter_id: "d1", kind: "redrive", by: "ada", at: day(0) }]);
    await writes(day(71));
    expect(await model.decisions.pending(10)).toHaveLength(1);

    const [pending] = await model.decisions.pending(1);
    await model.decisions.settle([{ decision: pending?.decision ?? 0, message_id: "m1" }]);
    await writes(day(72));
    expect(await letters()).toEqual([]);
  });
});
