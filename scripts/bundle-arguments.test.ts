import { parseBundleArguments } from "./bundle-arguments.ts";

const webhook = { name: "webhook", entry: "services/webhook/src/server.ts" };
const coach = { name: "coach-agent", entry: "services/coach-agent/src/server.ts" };
const parse = (...args: string[]) => parseBundleArguments(args, [coach, webhook]);

test("a process is bundled into a folder of its name, all of them each into its own", () => {
  expect(parse("webhook")).toEqual({ kind: "bundle", programs: [webhook], out: ".bundles" });
  expect(parse("all", "--out", "x")).toMatchObject({ programs: [coach, webhook], out: "x" });
});

test("a file is a program of its own", () => {
  expect(parse("bench/src/main.ts")).toMatchObject({ programs: [{ name: "main" }] });
});

test.each([
  [["mars"], /^mars: there is no such process; say one of coach-agent, webhook, or all$/],
  [[], /^nothing to bundle: say one of/],
  [["webhook", "coach-agent"], /one at a time, or all/],
  [["webhook", "--minify"], /^--minify: there is no such option/],
  [["webhook", "--out"], /^--out: say a folder/],
])("%j is refused with what there is", (args, problem) => {
  expect(parse(...args)).toMatchObject({ kind: "wrong", problem: expect.stringMatching(problem) });
});

test("--help is help, whatever else is there", () => {
  expect(parse("mars", "--help")).toEqual({ kind: "help" });
});
