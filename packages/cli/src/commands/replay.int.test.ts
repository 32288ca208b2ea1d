import { nudgeEvent, openCommandHouse, type CommandHouse } from "./commands.fixture.ts";

let house: CommandHouse;
beforeEach(async () => {
  house = await openCommandHouse();
  await house.hear(nudgeEvent("n1", "chain-1"), nudgeEvent("n2", "chain-2"), nudgeEvent("n3", "chain-1"));
});
afterEach(() => house.close());

const replay = (line: string) => house.run(["replay", ...line.split(" ")]);
const saidAgain = (): readonly string[] => house.bus.events.map(({ event_id }) => event_id);

test("a dry run counts by type and says nothing", async () => {
  expect((await replay("--chain chain-1 --dry-run")).out).toBe(
    "A replay would say 2 events:\n       2  coach.nudge.v1\n",
  );
  expect(JSON.parse((await replay("--all --dry-run --json")).out)).toEqual({
    dry_run: true,
    events: 3,
    by_type: { "coach.nudge.v1": 3 },
  });
  expect((await replay("--type git.push --dry-run")).out).toBe("A replay would say 0 events.\n");
  expect(saidAgain()).toEqual([]);
});

test("what is chosen is said again in its order, over as many calls as it takes", async () => {
  const { out, err } = await replay("--all --rate 10");
  const generation = /^Said 3 events again, as generation ([0-9a-f-]{36})\.\n$/.exec(out)?.[1];
  expect(err).toContain(`replay --resume ${generation}`);
  expect(saidAgain()).toEqual(["n1", "n2", "n3"]);
  expect(house.bus.events[0]?.replay_generation).toBe(generation);

  expect(JSON.parse((await replay("--chain chain-2 --by ada --json")).out)).toMatchObject({
    selection: { correlation_id: "chain-2" },
    begun_by: "ada",
    events: 1,
    said: 1,
  });
  expect((await replay("--type git.push")).out).toBe("No event that was kept is like that: nothing was said.\n");
});

test("an interrupted replay is gone on with", async () => {
  const { generation } = await house.readModel.replayRuns.begin({
    generation: "g1",
    selection: { tenant_id: "default" },
    begun_by: "ada",
    begun_at: "2026-03-02T12:00:00.000Z",
  });
  expect((await replay(`--resume ${generation}`)).out).toBe("Said 3 events again, as generation g1.\n");
  await expect(replay("--resume g2")).rejects.toThrow("no such replay");
});

test.each([
  ["--by ada", /say which events/],
  ["--all --type git.push", /cannot be used with/],
  ["--type git.comit", /type: must be of/],
  ["--from yesterday", /from: must be a date/],
])("%s is refused in words", async (line, words) => {
  await expect(replay(line)).rejects.toThrow(words);
});

test("where replays are switched off they are refused, a dry run too", async () => {
  const off = await openCommandHouse({ replayEnabled: false });
  try {
    for (const more of [[], ["--dry-run"]]) {
      await expect(off.run(["replay", "--all", ...more])).rejects.toThrow("ENABLE_EVENT_REPLAY");
    }
    expect(off.bus.messages).toEqual([]);
  } finally {
    await off.close();
  }
});
