import { parseE2eArguments } from "./e2e-arguments.ts";

test("without arguments the suite runs embedded", () => {
  expect(parseE2eArguments([])).toEqual({ kind: "run", platform: "embedded", jest: [] });
});

test.each([
  [["--platform", "embedded", "-t", "a nudge"]],
  [["--platform=embedded", "-t", "a nudge"]],
  [["-t", "a nudge", "--platform", "embedded"]],
])("of %j the platform is ours and the rest jest's", (args) => {
  expect(parseE2eArguments(args)).toEqual({ kind: "run", platform: "embedded", jest: ["-t", "a nudge"] });
});

test.each([[["--platform", "mars"]], [["--platform"]], [["--platform="]]])(
  "%j is refused with what there is",
  (args) => {
    expect(parseE2eArguments(args)).toMatchObject({ kind: "wrong", problem: expect.stringContaining("embedded") });
  },
);

test("--help is help, whatever else is there", () => {
  expect(parseE2eArguments(["--platform", "mars", "--help"])).toEqual({ kind: "help" });
});
