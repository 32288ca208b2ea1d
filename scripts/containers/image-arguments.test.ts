import { parseImageArguments } from "./image-arguments.ts";

const parse = (...args: string[]) => parseImageArguments(args, ["coach-agent", "webhook"]);

test("a process becomes an image of this machine's, all of them one each", () => {
  expect(parse("webhook")).toEqual({
    kind: "build",
    processes: ["webhook"],
    tag: "local",
    registry: "contextpilot",
    push: false,
  });
  expect(parse("all", "--tag", "v1")).toMatchObject({ processes: ["coach-agent", "webhook"], tag: "v1" });
});

test("a registry's name may have a port and a path", () => {
  expect(parse("webhook", "--push", "--registry", "localhost:5000/shop/house")).toMatchObject({
    push: true,
    registry: "localhost:5000/shop/house",
  });
});

test.each([
  [["mars"], /^mars: there is no such process; say one of coach-agent, webhook, or all$/],
  [[], /^no process: say one of/],
  [["webhook", "coach-agent"], /one at a time, or all/],
  [["webhook", "--latest"], /^--latest: there is no such option/],
  [["webhook", "--tag", "a b"], /^--tag: say letters/],
  [["webhook", "--tag"], /^--tag: say letters/],
  [["webhook", "--registry", "https://example.com/"], /^--registry: say a host and a path/],
  [["webhook", "--push"], /^--push: say where to, with --registry/],
])("%j is refused with what there is", (args, problem) => {
  expect(parse(...args)).toMatchObject({ kind: "wrong", problem: expect.stringMatching(problem) });
});

test("--help is help, whatever else is there", () => {
  expect(parse("mars", "--help")).toEqual({ kind: "help" });
});
