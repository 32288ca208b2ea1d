import { randomUUID } from "node:crypto";
import { FirestoreConnection, type Query } from "@contextpilot/firestore";
import { GrpcProxy, describeOn, firestoreEmulator } from "@contextpilot/testing";
import { letter } from "./dead-letters/letters.fixture.ts";
import { FirestoreReadModel } from "./firestore-read-model.ts";
import { commit, nudge, push, said } from "./house.fixture.ts";

const tenant_id = "default";
const all = { tenant_id, limit: 500 };
const DAY_MS = 86_400_000;
const day = (days: number): string => new Date(Date.parse("2026-03-02T12:00:00.000Z") + days * DAY_MS).toISOString();
const MiB = 1_024 * 1_024;

/** What could not be pruned fails the test. */
const onPruningFailed = (error: unknown): void => {
  throw error;
};

/** Lets something happen before one of its commits. */
class InterruptedConnection extends FirestoreConnection {
  interrupt: (() => Promise<void>) | undefined;
  left = 0;

  override async commit(...given: Parameters<FirestoreConnection["commit"]>): Promise<void> {
    const { interrupt } = this;
    this.left -= 1;
    if (interrupt !== undefined && this.left === 0) await interrupt();
    return super.commit(...given);
  }
}

describeOn(firestoreEmulator, "the read model in Firestore", (emulator) => {
  let proxy: GrpcProxy;
  let connection: InterruptedConnection;
  let model: FirestoreReadModel;
  /** Of another process. */
  let other: FirestoreReadModel;

  beforeEach(async () => {
    proxy = await GrpcProxy.open(emulator().host);
    connection = new InterruptedConnection({ projectId: `test-${randomUUID()}`, emulatorHost: proxy.host });
    model = new FirestoreReadModel(connection, { onPruningFailed });
    other = new FirestoreReadModel(connection, { onPruningFailed });
  });
  afterEach(async () => {
    await connection.close();
    await proxy.close();
  });

  const documentsIn = (collectionId: string) => {
    const query: Query = { from: [{ collectionId }] };
    return connection.query(`${connection.root}/services/dashboard`, query, Date.now() + 10_000);
  };
  const chains = async (): Promise<readonly string[]> =>
    (await model.chains(all)).items.map(({ correlation_id }) => correlation_id);

  test("an event takes one batched read and one commit, and again one read alone", async () => {
    await model.keepEvent(said("e1", push()), day(0));
    proxy.calls.length = 0;
    await model.keepEvent(said("e2", push()), day(0));
    await model.keepEvent(said("e2", push()), day(0));
    expect(proxy.calls).toEqual(["BatchGetDocuments", "Commit", "BatchGetDocuments"]);
  });

  test("an event whose commit was made and its answer lost is new, and counted once", async () => {
    let cut = true;
    proxy.fateOf = (method) => {
      if (method !== "Commit" || !cut) return { kind: "passes" };
      cut = false;
      return { kind: "cut", when: "answered" };
    };
    expect(await model.keepEvent(said("e1", push()), day(0))).toBe(true);
    expect(await model.keepEvent(said("e1", push()), day(0))).toBe(false);
    expect((await model.chains(all)).items).toMatchObject([{ events: 1 }]);
  });

  test("what two processes keep stands in one order, each once", async () => {
    for (const [index, one] of [model, other, model, other].entries()) {
      await one.keepEvent(said(String(index), push()), day(index));
      expect(await (one === model ? other : model).keepEvent(said(String(index), push()), day(index))).toBe(false);
    }
    expect((await model.events(all)).items.map(({ event }) => event.event_id)).toEqual(["3", "2", "1", "0"]);
  });

  test("what is far longer than a document is kept whole, and nothing of it stays when it goes", async () => {
    const event = said("e1", commit("é".repeat(2 * MiB)));
    const data = Buffer.alloc(3 * MiB, "0123456789");
    const { deadLetter } = letter("d1", { correlation_id: "e1", seen_at: day(0) });
    await model.keepEvent(event, day(0));
    await model.keepDeadLetter(deadLetter, data);
    expect(await model.keepEvent(event, day(0))).toBe(false);

    expect((await other.events(all)).items).toEqual([{ event, seen_at: day(0) }]);
    expect(Buffer.from((await other.deadLetter(tenant_id, "d1"))?.data ?? []).equals(data)).toBe(true);
    expect((await documentsIn("parts")).length).toBeGreaterThan(6);

    const decide = { tenant_id, dead_letter_id: "d1", by: "ada", at: day(0) };
    await model.decisions.decide([{ ...decide, kind: "resend", data }]);
    const [pending] = await model.decisions.pending(1);
    expect(Buffer.from(pending?.data ?? []).equals(data)).toBe(true);
    await model.decisions.settle([{ decision: pending?.decision ?? 0, message_id: "m1" }]);
    await model.keepEvent(said("late", nudge()), day(71));
    expect(await chains()).toEqual(["late"]);
    for (const collection of ["parts", "dead_letters", "decisions", "dead_letter_groups"]) {
      expect(await documentsIn(collection)).toEqual([]);
    }
  });

  test("a chain of which something is heard while it is taken away stays whole", async () => {
    for (const id of ["old", "old-1", "old-2"]) {
      await model.keepEvent(said(id, push(), { correlation_id: "old" }), day(0));
    }
    connection.left = 2; // its own commit, then the pruning's
    connection.interrupt = async () => {
      await other.keepEvent(said("revived", nudge(), { correlation_id: "old" }), day(71));
    };
    await model.keepEvent(said("new", nudge()), day(71));
    expect(connection.left).toBeLessThanOrEqual(0);
    expect((await model.chain({ ...all, correlation_id: "old" })).items).toHaveLength(4);
  });

  test("one of two processes decides about a dead letter, and the other is told how it stands", async () => {
    const { deadLetter, data } = letter("d1");
    await model.keepDeadLetter(deadLetter, data);
    const decision = { tenant_id, dead_letter_id: "d1", at: day(1) } as const;
    const decided = await Promise.all([
      model.decisions.decide([{ ...decision, kind: "redrive", by: "ada" }]),
      other.decisions.decide([{ ...decision, kind: "resend", by: "bob", data }]),
    ]);
    expect(decided.flat().filter((one) => one.ok)).toHaveLength(1);
    const refused = decided.flat().find((one) => !one.ok);
    const { state } = (await model.deadLetter(tenant_id, "d1"))?.deadLetter ?? {};
    expect(refused).toEqual({ ok: false, state });
    expect(await model.decisionsAbout(tenant_id, "d1")).toHaveLength(1);
    expect((await model.deadLetterGroups(all)).items).toMatchObject([{ dead_letters: 1, open: 0 }]);
  });

  test("what another process has just decided is left to it for a minute", async () => {
    const { deadLetter, data } = letter("d1");
    await model.keepDeadLetter(deadLetter, data);
    const at = new Date("2026-03-03T12:00:00.000Z");
    const decision = { tenant_id, dead_letter_id: "d1", kind: "redrive", by: "ada", at: at.toISOString() } as const;
    await model.decisions.decide([decision]);
    const pendingAfter = (seconds: number) => {
      const clock = { now: () => new Date(at.getTime() + seconds * 1_000) };
      return new FirestoreReadModel(connection, { clock }).decisions.pending(10);
    };
    expect(await pendingAfter(59)).toEqual([]);
    expect(await pendingAfter(61)).toMatchObject([{ kind: "redrive", kept: { data } }]);
  });
});
