import { runProgram } from "../run-program.ts";
import { ONCE_DIFFERENT } from "./once-different.ts";

const MODEL = new URL("main.ts", import.meta.url);

test.each([
  { log: "memory", runs: 5_000 },
  { log: "sqlite", runs: 100 },
])(
  "over the $log log the broker does what a plain model of it does, in $runs random courses of publishing, answers, time, seeks, purges, pauses and restarts",
  async ({ log, runs }) => {
    const model = runProgram(MODEL, ["--runs", String(runs), "--seed", "1", "--log", log]);
    expect([await model.ended(), model.lines, model.errors()]).toEqual([0, [`${runs} plans, no difference`], ""]);
  },
  300_000,
);

test.each(Object.keys(ONCE_DIFFERENT))(
  "the broker and its model agree on what once was different: %s",
  async (what) => {
    const model = runProgram(MODEL, ["--plan", JSON.stringify(ONCE_DIFFERENT[what])]);
    expect([await model.ended(), model.lines]).toEqual([0, ["no difference"]]);
  },
);
