import { createReceiver, handler } from "@contextpilot/messaging";
import { describeOn, endOf, firestoreEmulator } from "@contextpilot/testing";
import { again, newCommit, openProxiedFirestore, type ProxiedFirestore } from "./proxied-firestore.fixture.ts";

describeOn(firestoreEmulator, "calls of Firestore, counted on the wire", (emulator) => {
  let firestore: ProxiedFirestore;
  beforeEach(async () => {
    firestore = await openProxiedFirestore(emulator().host);
  });
  afterEach(() => firestore.close());

  test("an event with state takes one batched read and one commit", async () => {
    const { receive } = firestore.agent();
    await receive(newCommit()); // an emulator that is cold may be asked twice
    firestore.proxy.calls.length = 0;
    for (let event = 0; event < 3; event += 1) expect(endOf(await receive(newCommit()))).toBe("handled");
    expect(firestore.proxy.calls).toEqual([
      "BatchGetDocuments",
      "Commit",
      "BatchGetDocuments",
      "Commit",
      "BatchGetDocuments",
      "Commit",
    ]);
  });

  test("an event without state takes one commit, and without an event to say one too", async () => {
    const ignore = handler("git.commit.v1", { decide: () => ({ events: [] }) });
    const store = firestore.store();
    const { receive } = createReceiver({
      service: "context-agent",
      handlers: [ignore],
      store,
      publisher: firestore.publisher,
    });
    expect(endOf(await receive(newCommit()))).toBe("handled");
    expect(firestore.proxy.calls).toEqual(["Commit"]);
  });

  test("a redelivery takes one batched read and no commit", async () => {
    const delivery = newCommit();
    await firestore.agent().receive(delivery);
    firestore.proxy.calls.length = 0;
    expect(endOf(await firestore.agent().receive(again(delivery)))).toBe("duplicate");
    expect(firestore.proxy.calls).toEqual(["BatchGetDocuments"]);
  });

  test("what is due is one query", async () => {
    await firestore.store().due(new Date(), 100);
    expect(firestore.proxy.calls).toEqual(["RunQuery"]);
  });
});
