import { actsBegun, actsUnderWay, sleptThrough, takenOver, type Act } from "./acts.ts";

const begun = (event_id: string, from: number) => JSON.stringify({ begun: { claim: "shop", event_id, from } });
const acted = (event_id: string, from: number, until: number) =>
  JSON.stringify({ act: { claim: "shop", event_id, from, until } });

test("under way is what was begun and has not ended, of a log whose first line may be cut", () => {
  const log = ['"one","from":1}}', begun("two", 2), begun("three", 3), acted("two", 2, 4), ""].join("\n");
  expect(actsUnderWay(log)).toEqual([{ claim: "shop", event_id: "three", from: 3 }]);
  expect(actsBegun(log).map(({ event_id }) => event_id)).toEqual(["two", "three"]);
});

const act = (event_id: string, from: number, until: number, claim = "shop"): Act => ({ claim, event_id, from, until });

test("an act was slept through that took longer than a lease, and taken over where another began under its claim meanwhile", () => {
  const slept = act("one", 0, 25_000);
  const short = act("two", 0, 19_000);
  expect(sleptThrough([slept, short])).toEqual([slept]);
  expect(takenOver([slept, act("one", 21_000, 22_000)])).toEqual([slept]);
  expect(takenOver([slept, act("three", 26_000, 27_000), act("four", 21_000, 22_000, "bank")])).toEqual([]);
});
