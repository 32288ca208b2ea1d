import { interleave } from "./interleave.ts";

test("contestants take turns, and the first round does not count", async () => {
  const turns: string[] = [];
  const contestant = (name: string) => () => {
    turns.push(name);
    return turns.length;
  };
  const measured = await interleave(
    { rounds: 2, scale: 1, long: false },
    { subject: contestant("subject"), baseline: contestant("baseline") },
  );
  expect(turns).toEqual(["subject", "baseline", "subject", "baseline", "subject", "baseline"]);
  expect(measured).toEqual({ subject: [3, 5], baseline: [4, 6] });
});
