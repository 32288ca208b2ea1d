import * as fc from "fast-check";
import { MessageError, type Outcome } from "@contextpilot/messaging";
import { describeOn, endOf, firestoreEmulator, type Fate } from "@contextpilot/testing";
import { again, newCommit, openProxiedFirestore, type ProxiedFirestore } from "./proxied-firestore.fixture.ts";

const ABORTED = 10;
const PASSES: Fate = { kind: "passes" };

/** The first `times` calls of the method meet this fate, the others pass. */
function first(times: number, method: string, fate: Fate): (called: string) => Fate {
  let left = times;
  return (called) => (called === method && left-- > 0 ? fate : PASSES);
}

/** Mostly trouble: what ended a connection ends the calls beside it too. */
const fates: fc.Arbitrary<Fate> = fc.oneof(
  fc.constant(PASSES),
  fc.constantFrom<Fate>({ kind: "cut", when: "before" }, { kind: "cut", when: "answered" }),
  fc.constantFrom(ABORTED, 4, 8, 13, 14).map((status): Fate => ({ kind: "refused", status })),
);

const errorOf = (outcome: Outcome): MessageError | undefined => ("error" in outcome ? outcome.error : undefined);

describeOn(firestoreEmulator, "when Firestore fails", (emulator) => {
  let firestore: ProxiedFirestore;
  beforeEach(async () => {
    firestore = await openProxiedFirestore(emulator().host);
  });
  afterEach(() => firestore.close());

  /** One effect: counted once, and its one event is said under one id. */
  async function expectOneEffect(): Promise<void> {
    expect(await firestore.count()).toBe(1);
    expect(new Set(firestore.publisher.events.map(({ event_id }) => event_id)).size).toBe(1);
  }

  test("an event is handled although each answer takes 2 s", async () => {
    firestore.proxy.fateOf = () => ({ kind: "passes", afterMs: 2_000 });
    expect(endOf(await firestore.agent().receive(newCommit()))).toBe("handled");
    expect(firestore.proxy.calls).toEqual(["BatchGetDocuments", "Commit"]);
    await expectOneEffect();
  });

  test("a commit that was cut off on its way there is made again", async () => {
    firestore.proxy.fateOf = first(1, "Commit", { kind: "cut", when: "before" });
    expect(endOf(await firestore.agent().receive(newCommit()))).toBe("handled");
    expect(firestore.proxy.calls).toEqual(["BatchGetDocuments", "Commit", "Commit"]);
    await expectOneEffect();
  });

  test("a commit whose answer was cut off is known as ours, and done", async () => {
    firestore.proxy.fateOf = first(1, "Commit", { kind: "cut", when: "answered" });
    const outcome = await firestore.agent().receive(newCommit());
    expect(outcome).toMatchObject({ kind: "handled", duplicate: false });
    expect(firestore.proxy.calls).toEqual(["BatchGetDocuments", "Commit", "Commit", "BatchGetDocuments"]);
    await expectOneEffect();
  });

  test("a commit of which nobody ever learns is found by the redelivery, which says its events", async () => {
    const delivery = newCommit();
    let committing = false;
    firestore.proxy.fateOf = (method) => {
      committing ||= method === "Commit";
      return committing ? { kind: "cut", when: "answered" } : PASSES;
    };
    const outcome = await firestore.agent().receive(delivery);
    expect(errorOf(outcome)).toMatchObject({ code: "store-failed", details: { attempts: 5 } });
    expect(firestore.publisher.events).toEqual([]);

    firestore.proxy.fateOf = () => PASSES;
    expect(endOf(await firestore.agent().receive(again(delivery)))).toBe("duplicate");
    await expectOneEffect();
  });

  test("a commit that nobody answers is given up in time for another attempt", async () => {
    const store = firestore.store({ answerWithinMs: 1_000 });
    firestore.proxy.fateOf = first(1, "Commit", { kind: "passes", afterMs: 60_000 });
    await store.commit({ create: { key: "record", value: 1 }, documents: [] });
    expect(firestore.proxy.calls).toEqual(["Commit", "Commit"]);

    firestore.proxy.fateOf = () => ({ kind: "passes", afterMs: 60_000 });
    await expect(store.read(["record"])).rejects.toMatchObject({
      details: { firestore: "DEADLINE_EXCEEDED", attempts: 2 },
    });
  });

  test("an event whose commit is ABORTED ten times is asked for again, by an error that names Firestore, then handled", async () => {
    const { receive } = firestore.agent();
    const delivery = newCommit();
    firestore.proxy.fateOf = first(10, "Commit", { kind: "refused", status: ABORTED });
    for (const attempt of [delivery, again(delivery)]) {
      const outcome = await receive(attempt);
      expect(outcome.kind).toBe("retry");
      expect(errorOf(outcome)).toMatchObject({
        code: "store-failed",
        message: expect.stringContaining("Firestore could not commit: 10 ABORTED") as string,
        details: { firestore: "ABORTED", attempts: 5 },
      });
    }
    expect(await firestore.count()).toBe(0);
    expect(firestore.publisher.messages).toEqual([]);

    expect(endOf(await receive(again(again(delivery))))).toBe("handled");
    expect(firestore.proxy.calls.filter((method) => method === "Commit")).toHaveLength(11);
    await expectOneEffect();
  });

  test.each([
    ["UNAVAILABLE", 14, 5],
    ["RESOURCE_EXHAUSTED", 8, 5],
    ["INTERNAL", 13, 5],
    ["PERMISSION_DENIED", 7, 1],
    ["UNAUTHENTICATED", 16, 1],
  ])("%s is the surroundings' failure: asked for again, and never counted", async (name, status, attempts) => {
    const { receive } = firestore.agent();
    const delivery = newCommit();
    for (const method of ["Commit", "BatchGetDocuments"]) {
      firestore.proxy.calls.length = 0;
      firestore.proxy.fateOf = (called) => (called === method ? { kind: "refused", status } : PASSES);
      const outcome = await receive(delivery);
      expect(outcome.kind).toBe("retry");
      expect(errorOf(outcome)).toMatchObject({ class: "surroundings", details: { firestore: name, attempts } });
      expect(firestore.proxy.calls.filter((called) => called === method)).toHaveLength(attempts);
    }
    firestore.proxy.fateOf = () => PASSES;
    expect(endOf(await receive(again(delivery)))).toBe("handled");
    await expectOneEffect();
  });

  test("what Firestore calls INVALID_ARGUMENT is the handler's failure, and a dead letter at the fifth", async () => {
    const { receive } = firestore.agent();
    const delivery = newCommit();
    const ends: string[] = [];
    for (let failure = 1; failure <= 5; failure += 1) {
      firestore.proxy.fateOf = first(1, "Commit", { kind: "refused", status: 3 }); // The next commit counts the failure.
      const outcome = await receive(delivery);
      ends.push(outcome.kind);
      expect(errorOf(outcome)).toMatchObject({ code: "handler-failed", details: { firestore: "INVALID_ARGUMENT" } });
    }
    expect(ends).toEqual(["retry", "retry", "retry", "retry", "dead-lettered"]);
    expect(firestore.publisher.deadLetters).toHaveLength(1);
  });

  test("whatever becomes of its calls, every event takes effect once and says the same each time", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fates, { minLength: 30, maxLength: 60 }), async (run) => {
        await using chaos = await openProxiedFirestore(emulator().host);
        const left = run.values();
        chaos.proxy.fateOf = () => left.next().value ?? PASSES;
        const [one, two] = [chaos.agent(), chaos.agent()];
        const waiting = Array.from({ length: 8 }, newCommit);
        for (let round = 0; waiting.length > 0; round += 1) {
          const deliveries = waiting.splice(0);
          const outcomes = await Promise.all(
            deliveries.map((delivery, index) => ((round + index) % 2 === 0 ? one : two).receive(delivery)),
          );
          waiting.push(...deliveries.filter((_, index) => outcomes[index]?.kind === "retry").map(again));
        }
        expect(await chaos.count()).toBe(8);
        expect(new Set(chaos.publisher.events.map(({ event_id }) => event_id)).size).toBe(8);
        expect(chaos.publisher.deadLetters).toEqual([]);
      }),
      { numRuns: 4, endOnFailure: true }, // each run takes seconds
    ));

  test("while it is down an event is asked for again within 5 s, and handled when it is back", async () => {
    const { receive } = firestore.agent();
    const delivery = newCommit();
    firestore.proxy.fateOf = () => ({ kind: "cut", when: "before" });
    const start = performance.now();
    expect(errorOf(await receive(delivery))).toMatchObject({ code: "store-failed" });
    expect(performance.now() - start).toBeLessThan(5_000);

    firestore.proxy.fateOf = () => PASSES;
    expect(endOf(await receive(again(delivery)))).toBe("handled");
    await expectOneEffect();
  });
});
