import { turnEnd } from "./turn-end.ts";

test("who asks within one turn of the event loop goes on together, after all of them have asked", async () => {
  const untilTurnEnd = turnEnd();
  const said: string[] = [];
  const ask = async (name: string): Promise<void> => {
    said.push(`${name} asks`);
    await untilTurnEnd();
    said.push(`${name} goes on`);
  };
  await Promise.all([ask("first"), Promise.resolve().then(() => ask("second"))]);
  expect(said).toEqual(["first asks", "second asks", "first goes on", "second goes on"]);
});

test("each turn ends anew", async () => {
  const untilTurnEnd = turnEnd();
  const first = untilTurnEnd();
  expect(untilTurnEnd()).toBe(first);
  await first;
  const second = untilTurnEnd();
  expect(second).not.toBe(first);
  await second;
});
