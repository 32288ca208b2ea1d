import { createLogger } from "@contextpilot/agent-host";
import { until } from "@contextpilot/testing";
import type { PlacedEvent } from "./firestore/firestore-events.ts";
import { placeAt } from "./firestore/places.ts";
import { StoreFollower, type EventTail } from "./follow-store.ts";
import { push, said } from "./house.fixture.ts";
import type { FeedEntry } from "./take-delivery.ts";

const logger = createLogger({ service: "dashboard", level: "silent" });

/** What another process has kept, as it can be read. */
class KeptElsewhere implements EventTail {
  readonly events: PlacedEvent[] = [];
  looks = 0;
  fails = false;

  /** @param secondsAgo when it arrived; it can be read from now on */
  keep(id: string, secondsAgo = 0): void {
    const seen_at = new Date(Date.now() - secondsAgo * 1_000).toISOString();
    this.events.push({ event: said(id, push()), seen_at, place: placeAt(seen_at) + this.events.length });
  }

  async eventsAfter(tenant: string, place: number): Promise<readonly PlacedEvent[]> {
    this.looks += 1;
    if (this.fails) throw new Error("Firestore could not list events");
    return this.events.filter((kept) => kept.event.tenant_id === tenant && kept.place > place);
  }
}

let kept: KeptElsewhere;
let follower: StoreFollower;
beforeEach(() => {
  kept = new KeptElsewhere();
  follower = new StoreFollower(kept, { tenant: "default", logger, everyMs: 1 });
});
afterEach(() => follower.close());

/** Follows, and gives the ids that it is told and its end. */
async function follow(): Promise<{ readonly told: readonly string[]; readonly stop: () => void }> {
  const told: string[] = [];
  const stop = await follower.follow((entry: FeedEntry) => {
    if (entry.kind === "event") told.push(entry.event.event_id);
  });
  return { told, stop };
}
const looksAgain = async (): Promise<void> => {
  const before = kept.looks;
  await until(() => kept.looks > before + 1, "another look");
};

test("what was kept before is not told, and what is kept from then on is, once", async () => {
  kept.keep("before");
  const { told } = await follow();
  kept.keep("first");
  await until(() => told.length === 1, "the first");
  kept.keep("second");
  await until(() => told.length === 2, "the second");
  await looksAgain();
  expect(told).toEqual(["first", "second"]);
});

test("an event whose commit took 10 s is told, although later ones were told before", async () => {
  const { told } = await follow();
  kept.keep("quick");
  await until(() => told.length === 1, "the quick one");
  kept.keep("slow", 10);
  await until(() => told.length === 2, "the slow one");
  expect(told).toEqual(["quick", "slow"]);
});

test("what was kept while the store could not be asked is told then", async () => {
  const { told } = await follow();
  kept.fails = true;
  await looksAgain();
  kept.keep("meanwhile");
  await looksAgain();
  kept.fails = false;
  await until(() => told.length > 0, "what was kept meanwhile");
  expect(told).toEqual(["meanwhile"]);
});

test("nobody looks where nobody follows, and one looks for all", async () => {
  const [one, two] = await Promise.all([follow(), follow()]);
  expect(kept.looks).toBe(1);
  one.stop();
  kept.keep("for the other");
  await until(() => two.told.length === 1, "an event for who stays");
  expect(one.told).toEqual([]);

  two.stop();
  await follower.close();
  const { looks } = kept;
  await new Promise(setImmediate);
  expect(kept.looks).toBe(looks);
  const { told } = await follow();
  kept.keep("again");
  await until(() => told.length === 1, "an event for who comes later");
});

test("who cannot be promised to miss nothing is refused, and may ask again", async () => {
  kept.fails = true;
  await expect(follow()).rejects.toThrow("Firestore could not list events");
  kept.fails = false;
  await follow();
});

test("a listener that fails hinders no other", async () => {
  await follower.follow(() => {
    throw new Error("the browser is gone");
  });
  const { told } = await follow();
  kept.keep("first");
  await until(() => told.length > 0, "the first");
  expect(told).toEqual(["first"]);
});
