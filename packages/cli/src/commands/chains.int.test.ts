import { createEvent, gitPush, type Envelope } from "@contextpilot/events";
import { announceHouse } from "../house/house-address.ts";
import { bytesOf, nudgeEvent, openCommandHouse, runCommand, type CommandHouse } from "./commands.fixture.ts";

let house: CommandHouse;
beforeEach(async () => {
  house = await openCommandHouse();
});
afterEach(() => house.close());

function pushEvent(event_id: string, repository = "shop"): Envelope {
  const draft = gitPush({
    repository,
    ref: "refs/heads/main",
    before: "a".repeat(40),
    after: "b".repeat(40),
    forced: false,
  });
  return createEvent(draft, { event_id, source: "webhook", timestamp: new Date().toISOString() });
}

const nudgeOf = (push: string, title?: string): Envelope => ({
  ...nudgeEvent(`${push}-nudge`, push, title),
  parent_event_id: push,
  hops: 1,
});

test("the chains are trees, the newest first, with what died of each", async () => {
  await house.hear(pushEvent("one"), nudgeOf("one"), pushEvent("two", "till"));
  await house.die("x", bytesOf(nudgeEvent("x", "two")), { correlation_id: "two" });

  const { out } = await house.run(["chains"]);
  expect(out).toMatch(
    /^two .*\n +\d+ ms {2}webhook +git\.push +till main: aaaaaaa → bbbbbbb\n +dead letter \(open\) {2}dashboard could not handle coach\.nudge\.v1: handler-failed: it broke.*\n\none .*\n +\d+ ms {2}webhook .*\n +\d+ ms {4}test +coach\.nudge +Test the cart/,
  );
  const [newest] = out.split("\n");
  expect((await house.run(["chains", "--limit", "1"])).out).toContain(`${newest}\n`);
  expect((await house.run(["chains", "--limit", "1"])).out).toContain("There are more: --limit 2");
  expect((await house.run(["chains", "--json"])).out.split("\n").map((line) => line.slice(0, 23))).toEqual([
    '{"correlation_id":"two"',
    '{"correlation_id":"one"',
    "",
  ]);
});

test("one chain is shown whole: each event with its data and ids, and how a dead letter goes on", async () => {
  await house.hear(pushEvent("one"), nudgeOf("one"));
  await house.die("x", bytesOf(nudgeEvent("x", "one")), { correlation_id: "one" });

  const { out } = await house.run(["chains", "one"]);
  expect(out).toContain('"why_now": "It grew by 150 lines"');
  expect(out).toContain("one-nudge  coach.nudge.v1  said 2026-03-02T12:00:00.000Z, seen ");
  expect(out).toContain(`./contextpilot dead-letters show x --api ${house.api} --data ${house.data}`);
  expect(JSON.parse((await house.run(["chains", "one", "--json"])).out)).toMatchObject({
    correlation_id: "one",
    items: [
      { depth: 0, event: { event_id: "one" } },
      { depth: 1, event: { event_id: "one-nudge" } },
    ],
    dead_letters: [{ dead_letter_id: "x", state: "open" }],
  });
});

test("a chain that is larger than a page is one tree all the same", async () => {
  const others = Array.from({ length: 600 }, (_, index) => ({
    ...nudgeOf("one"),
    event_id: `effect-${index}`,
    parent_event_id: index === 0 ? "one" : "effect-0",
    hops: index === 0 ? 1 : 2,
  }));
  await house.hear(...others, pushEvent("one"));

  const chain = JSON.parse((await house.run(["chains", "one", "--json"])).out) as {
    items: { depth: number; event: Envelope }[];
  };
  expect(chain.items.slice(0, 3).map(({ depth, event }) => [depth, event.event_id])).toEqual([
    [0, "one"],
    [1, "effect-0"],
    [2, "effect-1"],
  ]);
  expect(chain.items).toHaveLength(601);
  expect((await house.run(["chains"])).out).toContain("… and 581 more: ./contextpilot chains one --api ");
});

test("no event commands a terminal", async () => {
  await house.hear(pushEvent("one", "shop\u001b[2J\u009b"), nudgeOf("one", "Red \u001b[31m\u202e"));

  for (const args of [["chains"], ["chains", "one"], ["chains", "one", "--json"], ["events"]]) {
    const { out } = await house.run(args);
    expect(out).toContain("[31m");
    expect(out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

test("an unknown chain, an empty house and one that does not run are said in a line", async () => {
  await expect(house.run(["chains", "nobody"])).rejects.toThrow("no such chain");
  expect((await house.run(["chains"])).out).toBe("No chain is here yet: the first push begins one.\n");
  await expect(runCommand(["chains", "--api", "http://127.0.0.1:1"])).rejects.toThrow(
    "no house answers at http://127.0.0.1:1: start it with ./contextpilot up",
  );
  await expect(runCommand(["events", "--follow", "--api", "http://127.0.0.1:1"], notStopped())).rejects.toThrow(
    "no house answers at http://127.0.0.1:1: start it with ./contextpilot up",
  );
});

test("a house is found by its data folder alone, wherever it listens; what is said to be elsewhere is looked for there", async () => {
  await house.hear(pushEvent("one"));
  const takeBack = announceHouse(house.data, { webhookUrl: "http://127.0.0.1:1", apiUrl: house.api });
  expect((await runCommand(["chains", "one", "--data", house.data])).out).toContain("Chain one");
  await expect(runCommand(["chains", "--data", house.data, "--api", "http://127.0.0.1:1"])).rejects.toThrow(
    "no house answers at http://127.0.0.1:1",
  );
  takeBack();
});

test("events shows the newest of a type, the latest last", async () => {
  await house.hear(pushEvent("one"), nudgeOf("one", "First"), pushEvent("two"), nudgeOf("two", "Second"));

  const { out } = await house.run(["events", "--type", "coach.nudge"]);
  expect(out).toMatch(/^\S+ {2}test +coach\.nudge +First .*\n\S+ {2}test +coach\.nudge +Second .*\n$/);
  expect((await house.run(["events", "--limit", "1"])).out).toMatch(/^.* Second .*\n$/);
  await expect(house.run(["events", "--type", "nonsense"])).rejects.toThrow("type: must be an event type");
});

test("events finds what a caller's trace and source agent have said, and follows it too", async () => {
  const traced = { ...nudgeOf("one", "First"), trace_id: "t1", source_agent_id: "indexer" };
  await house.hear(pushEvent("one"), traced, nudgeOf("two", "Second"));
  expect((await house.run(["events", "--trace", "t1"])).out).toMatch(/^.* First .*\n$/);
  expect((await house.run(["events", "--agent", "indexer"])).out).toMatch(/^.* First .*\n$/);
  expect((await house.run(["events", "--agent", "nobody"])).out).toBe("No such event is here.\n");

  const { promise: following, resolve } = Promise.withResolvers<void>();
  const controller = new AbortController();
  const running = house.run(["events", "--follow", "--trace", "t2"], {
    stopped: controller.signal,
    onLine: (line) => (line.includes("Following") ? resolve() : controller.abort()),
  });
  await following;
  await house.hear(pushEvent("three"), { ...nudgeOf("three", "Third"), trace_id: "t2" });
  expect((await running).out).toMatch(/^.* Third .*\n$/);
});

test("events --follow shows each event of the type as it comes, and ends when it is told to", async () => {
  await house.hear(pushEvent("before"));
  const { promise: following, resolve } = Promise.withResolvers<void>();
  const { promise: shown, resolve: seen } = Promise.withResolvers<void>();
  const controller = new AbortController();

  const running = house.run(["events", "--follow", "--type", "coach.nudge"], {
    stopped: controller.signal,
    onLine: (line) => (line.includes("Following") ? resolve() : seen()),
  });
  await following;
  await house.hear(pushEvent("one"), nudgeOf("one", "First"));
  await shown;
  controller.abort();

  expect(await running).toEqual({
    out: expect.stringMatching(/^\S+ {2}test +coach\.nudge +First .*\n$/),
    err: expect.any(String),
    failed: false,
  });
});

test("a house that ends while it is followed ends at once, and is said", async () => {
  const { promise: following, resolve } = Promise.withResolvers<void>();
  const running = house.run(["events", "--follow"], { ...notStopped(), onLine: () => resolve() });
  await following;
  await Promise.all([expect(running).rejects.toThrow(`the house at ${house.api} has ended`), house.close()]);
  house = await openCommandHouse();
});

const notStopped = () => ({ stopped: new AbortController().signal });
