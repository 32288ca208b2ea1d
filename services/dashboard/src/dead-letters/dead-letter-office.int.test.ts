import { RecordingPublisher } from "@contextpilot/testing";
import { onEachReadModel, type OpenedReadModel, type WholeReadModel } from "../each-read-model.fixture.ts";
import { PacedPublisher } from "../paced-publisher.ts";
import type { DeadLetter, DeadLetterState } from "../read-model.ts";
import { DeadLetterOffice } from "./dead-letter-office.ts";
import { SEEN, letter, silent } from "./letters.fixture.ts";

const NOW = "2026-03-02T13:00:00.000Z";
const tenant_id = "default";
const ada = { tenant_id, by: "ada" };
const fast = { ...ada, rate: 10_000, signal: new AbortController().signal };
const all = { limit: 1000 };

onEachReadModel((openModel) => {
  let opened: OpenedReadModel;
  let model: WholeReadModel;
  let bus: RecordingPublisher;
  let paced: PacedPublisher;
  let office: DeadLetterOffice;

  beforeEach(() => {
    opened = openModel();
    bus = new RecordingPublisher();
    open(opened.model);
  });
  afterEach(async () => {
    paced.close();
    await opened.close();
  });

  function open(on: WholeReadModel): void {
    model = on;
    paced = new PacedPublisher(bus);
    const clock = { now: () => new Date(NOW) };
    office = new DeadLetterOffice({
      readModel: model,
      decisions: model.decisions,
      publisher: paced,
      logger: silent,
      clock,
    });
  }

  async function keep(...ids: readonly (string | [id: string, over: Partial<DeadLetter>])[]): Promise<void> {
    for (const given of ids) {
      const { deadLetter, data } = typeof given === "string" ? letter(given) : letter(...given);
      await model.keepDeadLetter(deadLetter, data);
    }
  }

  const sentFrom = (): readonly (string | undefined)[] =>
    bus.messages.map(({ attributes }) => attributes["redriven_from"] ?? attributes["resent_from"]);
  const idsIn = async (state: DeadLetterState): Promise<readonly string[]> =>
    (await model.deadLetters({ tenant_id, limit: 100, state })).items.map(({ dead_letter_id }) => dead_letter_id);
  const groups = async () => (await model.deadLetterGroups({ tenant_id, limit: 100 })).items;

  test("a redriven dead letter is sent once, and recorded with who and as which message", async () => {
    await keep("a", "b");
    expect(await office.redrive({ ids: ["a"] }, fast)).toMatchObject({
      done: 1,
      refused: [],
      next: null,
      stopped: false,
    });

    expect(sentFrom()).toEqual(["a"]);
    expect([await idsIn("redriven"), await idsIn("open")]).toEqual([["a"], ["b"]]);
    expect(await model.decisionsAbout(tenant_id, "a")).toEqual([
      { kind: "redrive", by: "ada", at: NOW, status: "done", message_id: "1", problem: null },
    ]);
    expect(await office.redrive({ ids: ["a", "none"] }, fast)).toMatchObject({
      done: 0,
      refused: [
        { dead_letter_id: "a", problem: "it is redriven already" },
        { dead_letter_id: "none", problem: "no such dead letter" },
      ],
    });
    expect(await office.discard({ ids: ["a"] }, ada)).toMatchObject({ done: 0, refused: [{ dead_letter_id: "a" }] });
    expect(sentFrom()).toEqual(["a"]);
  });

  test("two people who redrive the same at the same time send it once", async () => {
    await keep("a");
    const answers = await Promise.all([office.redrive({ ids: ["a"] }, fast), office.redrive(all, fast)]);
    expect(answers.reduce((sum, { done }) => sum + done, 0)).toBe(1);
    expect(sentFrom()).toEqual(["a"]);
  });

  test("a group is redriven without the others, the oldest first, in as many calls as it takes", async () => {
    await keep("a", ["x", { reason: "something else" }], "b", "c");
    const [, group_id = ""] = (await groups()).map((group) => group.group_id);
    const first = await office.redrive({ group_id, limit: 2 }, fast);
    await keep("d"); // fails meanwhile: it is not among those that were chosen
    const second = await office.redrive({ group_id, limit: 2, cursor: first.next ?? 0, up_to: first.up_to ?? 0 }, fast);

    expect([first.done, second.done, second.next]).toEqual([2, 1, null]);
    expect(sentFrom()).toEqual(["a", "b", "c"]);
    expect((await idsIn("open")).toSorted()).toEqual(["d", "x"]);
  });

  test("what cannot be sent is told and left, and the rest goes on", async () => {
    await keep(["bad", { code: "invalid-push" }], "good");
    expect(await office.redrive(all, fast)).toMatchObject({
      done: 1,
      refused: [{ dead_letter_id: "bad" }],
      next: null,
    });
    expect(await idsIn("open")).toEqual(["bad"]);
    expect(await model.decisionsAbout(tenant_id, "bad")).toEqual([]);
  });

  test("groups count what is open, and what they have in all", async () => {
    await keep(["a", { seen_at: "2026-03-02T12:00:00.000Z" }], "b", ["x", { code: "time-limit" }]);
    await office.redrive({ ids: ["a"] }, fast);
    await office.discard({ ids: ["b"] }, ada);
    await keep("c", "c");

    expect(await groups()).toMatchObject([
      { code: "time-limit", dead_letters: 1, open: 1, example: "x" },
      {
        consumer: "coach-agent",
        code: "handler-failed",
        event_type: "context.update.v1",
        cause: "it broke [event=…]",
        dead_letters: 3,
        open: 1,
        first_seen_at: "2026-03-02T12:00:00.000Z",
        last_seen_at: SEEN,
        example: "c",
      },
    ]);
    await office.discard({ ids: ["x"] }, ada);
    const open = await model.deadLetterGroups({ tenant_id, limit: 100, open: true });
    expect(open.items.map(({ code }) => code)).toEqual(["handler-failed"]);
  });

  test("to discard sends nothing, and is no end: it may be redriven by its id after all, but not by all", async () => {
    await keep("a", "b");
    expect(await office.discard(all, ada)).toMatchObject({ done: 2 });
    expect(await office.discard({ ids: ["a"] }, ada)).toMatchObject({
      refused: [{ problem: "it is discarded already" }],
    });
    expect(await office.redrive(all, fast)).toMatchObject({ done: 0 });
    expect(sentFrom()).toEqual([]);

    expect(await office.redrive({ ids: ["a"] }, fast)).toMatchObject({ done: 1 });
    expect((await model.decisionsAbout(tenant_id, "a")).map(({ kind }) => kind)).toEqual(["discard", "redrive"]);
  });

  test("edited bytes are sent once; bytes that are no event change nothing", async () => {
    await keep("a");
    const edited = letter("edited").data;
    expect(await office.resend("a", Buffer.from("{"), ada)).toMatchObject({
      done: 0,
      refused: [{ dead_letter_id: "a" }],
    });
    expect(await idsIn("open")).toEqual(["a"]);

    expect(await office.resend("a", edited, ada)).toMatchObject({ done: 1 });
    expect(await office.resend("a", edited, ada)).toMatchObject({ refused: [{ problem: "it is resent already" }] });
    expect(bus.messages.map(({ data }) => data)).toEqual([edited]);
  });

  test("what the bus does not take stands as before, with the failure on record", async () => {
    await keep("a");
    await office.discard({ ids: ["a"] }, ada);
    bus.refuse();
    await expect(office.redrive({ ids: ["a"] }, fast)).rejects.toThrow("the bus is down");
    expect(await idsIn("discarded")).toEqual(["a"]);
    expect((await groups())[0]).toMatchObject({ open: 0 });

    bus.refuse(false);
    await office.redrive({ ids: ["a"] }, fast);
    expect((await model.decisionsAbout(tenant_id, "a")).map(({ status }) => status)).toEqual([
      "done",
      "failed",
      "done",
    ]);
  });

  test("what a crash left undecided is sent at the next start, edited bytes too, once", async () => {
    await keep("a", "b", "c");
    const edited = letter("edited").data;
    await model.decisions.decide([
      { tenant_id, dead_letter_id: "a", kind: "redrive", by: "ada", at: NOW },
      { tenant_id, dead_letter_id: "b", kind: "resend", by: "ada", at: NOW, data: edited },
    ]);
    open(await opened.reopen());
    await office.finishPending();
    await office.finishPending();

    expect(sentFrom()).toEqual(["a", "b"]);
    expect(bus.messages[1]?.data).toEqual(Uint8Array.from(edited));
    expect(await model.decisionsAbout(tenant_id, "b")).toMatchObject([{ status: "done", message_id: "2" }]);
    expect(await idsIn("open")).toEqual(["c"]);
  });

  test("a long redrive is stopped between two slices, and says where", async () => {
    await keep("a", "b", "c");
    const gone = new AbortController();
    const running = office.redrive(all, { ...ada, rate: 0.1, signal: gone.signal });
    while (bus.messages.length === 0) await new Promise(setImmediate);
    gone.abort();

    const answer = await running;
    expect(answer).toMatchObject({ done: 1, stopped: true });
    await office.redrive({ ...all, cursor: answer.next ?? 0, up_to: answer.up_to ?? 0 }, fast);
    expect(sentFrom()).toEqual(["a", "b", "c"]);
  });

  test("another tenant's dead letters are not touched", async () => {
    await keep(["a", { tenant_id: "acme" }]);
    expect(await office.redrive(all, fast)).toMatchObject({ done: 0 });
    expect(await office.discard({ ids: ["a"] }, ada)).toMatchObject({ refused: [{ problem: "no such dead letter" }] });
    expect(await office.discard(all, { tenant_id: "acme", by: "ada" })).toMatchObject({ done: 1 });
  });
});
