import { startClock, tickOf } from "@contextpilot/messaging";
import { RecordingPublisher } from "./recording-publisher.ts";
import { until } from "./until.ts";

test("ticks of one minute are one event, whoever says them; of two minutes two", () => {
  const first = tickOf(new Date("2026-03-02T10:00:01Z"));
  expect(tickOf(new Date("2026-03-02T10:00:59.999Z"))).toEqual(first);
  expect(tickOf(new Date("2026-03-02T10:01:00Z")).event_id).not.toBe(first.event_id);
  expect(first.data).toEqual({ minute: "2026-03-02T10:00:00.000Z" });
});

test("a clock ticks at its start and as each minute begins, and stops", async () => {
  const publisher = new RecordingPublisher();
  // Ten milliseconds before a minute, then in it.
  const times = ["2026-03-02T10:00:59.990Z", "2026-03-02T10:01:00.000Z"];
  const clock = startClock(publisher, {
    clock: { now: () => new Date(times.shift() ?? "2026-03-02T10:01:00.000Z") },
    onError: () => undefined,
  });
  await until(() => publisher.events.length === 2, "the second tick");
  await clock.stop();
  expect(publisher.events.map(({ data }) => data)).toEqual([
    { minute: "2026-03-02T10:00:00.000Z" },
    { minute: "2026-03-02T10:01:00.000Z" },
  ]);
});

test("a tick that the bus does not take is reported and does not stop the clock", async () => {
  const publisher = new RecordingPublisher();
  publisher.refuse();
  const errors: unknown[] = [];
  const times = ["2026-03-02T10:00:59.990Z", "2026-03-02T10:01:00.000Z"];
  const clock = startClock(publisher, {
    clock: { now: () => new Date(times.shift() ?? "2026-03-02T10:01:00.000Z") },
    onError: (error) => errors.push(error),
  });
  await until(() => errors.length === 2, "both refusals");
  await clock.stop();
  expect(publisher.messages).toEqual([]);
});
