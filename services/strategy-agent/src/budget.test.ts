import type { Envelope } from "@contextpilot/events";
import { Stage } from "@contextpilot/testing";
import { SAID_AN_HOUR } from "./budget.ts";
import { handlers } from "./handlers.ts";
import { fileHistories } from "./histories.ts";
import { commit, type Update } from "./updates.fixture.ts";

const clock = (hour: number, minute: number): string => `${hour}:${String(minute % 60).padStart(2, "0")}`;
const isNotice = ({ data }: Envelope): boolean => (data as { rule?: string }).rule === "budget";
const filesOf = (said: readonly Envelope[]) =>
  said.filter((event) => !isNotice(event)).map(({ data }) => (data as { files: string[] }).files.join(" "));

/** Each file changes as often, by one of 500 people each time: from the fifth change on hotspots all, and nobody's own. */
async function busy(
  stage: Stage<"strategy-agent">,
  files: number,
  hour: number,
  { changes = 5, ...over }: Partial<Omit<Update, "changes">> & { readonly changes?: number } = {},
) {
  for (let change = 0; change < changes; change += 1) {
    for (let file = 0; file < files; file += 1) {
      const author_id = `dev-${(change * files + file) % 500}`;
      const told = commit(clock(hour, file), [`${file}.ts`], {
        author_id,
        commit_hash: `${hour}-${file}-${change}`,
        ...over,
      });
      await stage.tell(told);
    }
  }
}

test("2,000 commits of 500 people in an hour are 12 findings, and one notice with what is left out", async () => {
  const stage = new Stage("strategy-agent", handlers);
  await busy(stage, 40, 10, { changes: 50 });
  const { events } = stage.publisher;
  expect(events).toHaveLength(SAID_AN_HOUR + 1);
  expect(events.filter(isNotice)).toMatchObject([
    {
      event_type: "strategy.insight.v1",
      data: {
        title: "12 findings in shop this hour are enough: more when their files change next",
        files: ["12.ts"],
        severity: "low",
        evidence: { budget: 12, hour: 10, left_out: 1 },
      },
    },
  ]);
}, 60_000);

test("what had no room is told in the next hour, when its files change again", async () => {
  const stage = new Stage("strategy-agent", handlers);
  await busy(stage, 15, 10);
  const before = filesOf(stage.publisher.events);
  for (let file = 0; file < 15; file += 1) await stage.tell(commit(clock(11, file), [`${file}.ts`]));
  const after = filesOf(stage.publisher.events).slice(before.length);
  expect([before.length, after]).toEqual([SAID_AN_HOUR, ["12.ts", "13.ts", "14.ts"]]);
});

test("each hour has a notice of its own", async () => {
  const stage = new Stage("strategy-agent", handlers);
  await busy(stage, 30, 10);
  for (let file = 0; file < 30; file += 1) await stage.tell(commit(clock(11, file), [`${file}.ts`]));
  const notices = stage.publisher.events.filter(isNotice);
  expect(notices.map(({ data }) => (data as { evidence: { hour: number } }).evidence.hour)).toEqual([10, 11]);
  expect(new Set(notices.map(({ event_id }) => event_id)).size).toBe(2);
});

test("another repository has a budget of its own", async () => {
  const stage = new Stage("strategy-agent", handlers);
  await busy(stage, 15, 10);
  const before = stage.publisher.events.length;
  await busy(stage, 3, 10, { repository: "fork" });
  expect(stage.publisher.events.length - before).toBe(3);
});

test("two commits at once that spend the last of the hour do not both", async () => {
  const stage = new Stage("strategy-agent", handlers);
  await busy(stage, 11, 10);
  for (const file of ["x.ts", "y.ts"]) {
    for (let change = 0; change < 4; change += 1) {
      await stage.tell(commit(clock(10, 50), [file], { author_id: `dev-${change}`, commit_hash: `${file}-${change}` }));
    }
  }
  await Promise.all(["x.ts", "y.ts"].map((file) => stage.tell(commit(clock(10, 51), [file], { commit_hash: file }))));
  expect(stage.publisher.events.filter((event) => !isNotice(event))).toHaveLength(SAID_AN_HOUR);
  expect(stage.publisher.events.filter(isNotice)).toHaveLength(1);
});

test("what was kept before there was a budget is read, with nothing spent", () => {
  expect(fileHistories.of("shop").parse({ files: [] }).budget).toEqual({ hour: 0, spent: 0, noticed: false });
});
