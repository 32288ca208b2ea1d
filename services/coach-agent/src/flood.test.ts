import { clockTick, type Envelope } from "@contextpilot/events";
import { Stage, timeOf } from "@contextpilot/testing";
import { handlers } from "./handlers.ts";
import { paceSchema } from "./pacing.ts";
import { PLACES_AN_HOUR } from "./places.ts";
import { fileOf, updateDraft } from "./updates.fixture.ts";

const AUTHORS = 500;
const clock = (hour: number, minute = 0): string =>
  `2026-03-0${2 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;

/** Everybody pushes a file without a test. */
async function push(stage: Stage<"coach-agent">, authors: readonly number[], hour: number): Promise<void> {
  for (const author of authors) {
    const changes = [fileOf({ path: `src/${author}-${hour}.ts`, lines_added: 40 })];
    const data = {
      commit_hash: `${author}-${hour}-${stage.publisher.events.length}`,
      author_id: `dev-${author}`,
      changes,
    };
    await stage.tell({ at: clock(hour, 10), draft: updateDraft(data) });
  }
}
const tick = (stage: Stage<"coach-agent">, hour: number) =>
  stage.tell({ at: clock(hour), draft: clockTick({ minute: timeOf(clock(hour)) }) });

const isNotice = ({ data }: Envelope): boolean => (data as { rule: string }).rule === "budget";
const everyone = Array.from({ length: AUTHORS }, (_, author) => author);

test("2,000 commits of 500 people in an hour are 30 nudges and one notice; the others' come hour by hour, each once", async () => {
  const stage = new Stage("coach-agent", handlers);
  for (let round = 0; round < 4; round += 1) await push(stage, everyone, 10);
  const { events } = stage.publisher;
  expect(events.filter((event) => !isNotice(event))).toHaveLength(PLACES_AN_HOUR);
  expect(events.filter(isNotice)).toMatchObject([
    {
      user_id: "dev-30",
      data: {
        title: "30 nudges for shop this hour: the others wait",
        why_now: expect.stringContaining("2026-03-02 11:00 UTC"),
      },
    },
  ]);

  for (let hour = 11; hour < 34; hour += 1) {
    const before = stage.publisher.events.length;
    await tick(stage, hour);
    expect(stage.publisher.events.length - before).toBeLessThanOrEqual(PLACES_AN_HOUR);
  }
  const nudges = stage.publisher.events.filter((event) => !isNotice(event));
  expect(new Set(nudges.map(({ user_id }) => user_id)).size).toBe(AUTHORS);
  expect(new Set(nudges.map(({ data }) => (data as { nudge_id: string }).nudge_id)).size).toBe(nudges.length);
}, 60_000);

test("the next hour has a notice of its own, and what the repository keeps stays as small", async () => {
  const stage = new Stage("coach-agent", handlers);
  await push(stage, everyone.slice(0, 100), 10);
  await push(stage, everyone.slice(100, 200), 11);
  expect(stage.publisher.events.filter(isNotice).map(({ timestamp }) => timestamp.slice(11, 13))).toEqual(["10", "11"]);
});

test("another repository has places of its own", async () => {
  const stage = new Stage("coach-agent", handlers);
  await push(stage, everyone.slice(0, 40), 10);
  const changes = [fileOf({ lines_added: 40 })];
  await stage.tell({ at: clock(10, 20), draft: updateDraft({ repository: "fork", author_id: "eve", changes }) });
  expect(stage.publisher.events.at(-1)).toMatchObject({ user_id: "eve", data: { rule: "code-without-test" } });
});

test("two handlings at once that take the last place do not take it both", async () => {
  const stage = new Stage("coach-agent", handlers);
  await push(stage, everyone.slice(0, PLACES_AN_HOUR - 1), 10);
  await Promise.all([push(stage, [100], 10), push(stage, [101], 10)]);
  const nudges = stage.publisher.events.filter((event) => !isNotice(event));
  expect(nudges).toHaveLength(PLACES_AN_HOUR);
});

test("a pace of an earlier day is read as it was kept", () => {
  const nudge = { nudge_id: "n", title: "t", why_now: "w", next_actions: ["a", "b"], eta_minutes: 5, priority: "low" };
  const cause = { event_id: "e", correlation_id: "c", hops: 1 };
  const kept = { pending: [{ findings: ["f"], found_at: timeOf("10:00"), person: "ada", cause, nudge }] };
  expect(paceSchema.parse(kept).pending[0]?.not_before).toBeUndefined();
});
