import { hash } from "node:crypto";
import { collection, createReceiver, handler, type Outcome, type Store } from "@contextpilot/messaging";
import { describeOn, endOf, firestoreEmulator } from "@contextpilot/testing";
import * as z from "zod";
import { again, newCommit, openProxiedFirestore, type ProxiedFirestore } from "./proxied-firestore.fixture.ts";

const endsOf = (outcomes: readonly Outcome[]): Record<string, number> =>
  Object.fromEntries(Object.entries(Object.groupBy(outcomes, endOf)).map(([end, those]) => [end, those?.length ?? 0]));

describeOn(firestoreEmulator, "receive() with its inbox in Firestore", (emulator) => {
  let firestore: ProxiedFirestore;
  beforeEach(async () => {
    firestore = await openProxiedFirestore(emulator().host);
  });
  afterEach(() => firestore.close());

  const eventIds = () => firestore.publisher.events.map(({ event_id }) => event_id);

  test("an event that comes again has no second effect, also in an instance that was started since", async () => {
    const delivery = newCommit();
    const { receive } = firestore.agent();
    expect(endOf(await receive(delivery))).toBe("handled");
    expect(endOf(await receive(again(delivery)))).toBe("duplicate");
    expect(endOf(await firestore.agent().receive(again(delivery)))).toBe("duplicate");
    expect(await firestore.count()).toBe(1);
    expect(new Set(eventIds()).size).toBe(1);
  });

  test("of twenty copies at once in two instances one takes effect", async () => {
    const [one, two] = [firestore.agent(), firestore.agent()];
    const delivery = newCommit();
    const copies = Array.from({ length: 20 }, (_, index) => ({ ...delivery, messageId: `copy-${index}` }));
    const outcomes = await Promise.all(copies.map((copy, index) => (index % 2 === 0 ? one : two).receive(copy)));
    expect(endsOf(outcomes)).toEqual({ handled: 1, duplicate: 19 });
    expect(await firestore.count()).toBe(1);
    expect(new Set(eventIds()).size).toBe(1);
  });

  test("two instances that change the same state at once lose nothing", async () => {
    const [one, two] = [firestore.agent(), firestore.agent()];
    const deliveries = Array.from({ length: 12 }, newCommit);
    const outcomes = await Promise.all(deliveries.map((one_, index) => (index % 2 === 0 ? one : two).receive(one_)));
    expect(endsOf(outcomes)).toEqual({ handled: 12 });
    expect(await firestore.count()).toBe(12);
    expect(new Set(eventIds()).size).toBe(12);
  });

  test("what was committed and not published is published by the redelivery, under the same id", async () => {
    const delivery = newCommit();
    firestore.publisher.refuse();
    const outcome = await firestore.agent().receive(delivery);
    expect(outcome).toMatchObject({ kind: "retry", error: { code: "publish-failed" } });
    expect(await firestore.count()).toBe(1);

    firestore.publisher.refuse(false);
    const { receive } = firestore.agent();
    expect(await receive(again(delivery))).toMatchObject({ kind: "handled", duplicate: true });
    const said = eventIds();
    expect(said).toHaveLength(1);
    expect(await firestore.agent().receive(again(delivery))).toMatchObject({ kind: "handled", duplicate: true });
    expect(eventIds()).toEqual([...said, ...said]);
    expect(await firestore.count()).toBe(1);
  });

  describe("an act", () => {
    const acts = collection("acts", z.object({ done: z.number().default(0) }));
    const REPOSITORY = "shop";

    /** An instance that acts on one thing at a time, and tells how many do at once. */
    function actor(store: Store, running: { now: number; most: number }) {
      const act = handler("git.commit.v1", {
        claim: () => REPOSITORY,
        state: () => ({ acts: acts.of("all") }),
        act: async (_, { acts: { done } }) => {
          running.now += 1;
          running.most = Math.max(running.most, running.now);
          await new Promise((resolve) => setImmediate(resolve));
          running.now -= 1;
          return { events: [], state: { acts: { done: done + 1 } } };
        },
      });
      return createReceiver({ service: "context-agent", handlers: [act], store, publisher: firestore.publisher });
    }

    const done = async () =>
      acts.of("all").parse((await firestore.direct.read(["default/context-agent/acts/all"]))[0]?.value).done;

    test("runs under its claim, one at a time in two instances, and none is left out", async () => {
      const running = { now: 0, most: 0 };
      const [one, two] = [actor(firestore.direct, running), actor(firestore.store(), running)];
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? one : two).receive(newCommit())),
      );
      expect(endsOf(outcomes)).toEqual({ handled: 6 });
      expect(running.most).toBe(1);
      expect(await done()).toBe(6);
    });

    test("takes a claim that has lapsed, though Firestore has not forgotten it yet", async () => {
      const key = `default/context-agent/claims/${hash("sha256", REPOSITORY, "base64url")}`;
      const value = { owner: "a process that ended", until: "2026-01-01T00:00:00.000Z" };
      await firestore.direct.commit({
        documents: [{ key, expected: undefined, change: { kind: "set", value }, expiresAt: value.until }],
      });
      expect(endOf(await actor(firestore.direct, { now: 0, most: 0 }).receive(newCommit()))).toBe("handled");
      expect(await done()).toBe(1);
      expect((await firestore.direct.read([key]))[0]?.version).toBeUndefined(); // it was this one
    });
  });
});
