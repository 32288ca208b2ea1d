import type { DeadLetter } from "@contextpilot/dashboard";
import type { Envelope } from "@contextpilot/events";
import { commitOf } from "./first-event.ts";
import { whereItStopped } from "./where-it-stopped.ts";

const first = commitOf("smoke", new Date());
const update: Envelope = { ...first, event_type: "context.update.v1" };
const dead = (consumer: string): DeadLetter => ({
  dead_letter_id: "d1",
  tenant_id: "smoke",
  consumer,
  code: "handler-failed",
  reason: "it broke",
  event_type: "git.commit.v1",
  dead_at: first.timestamp,
  seen_at: first.timestamp,
  attributes: {},
  bytes: 1,
});
const stopped = (events: readonly Envelope[], deadLetters: readonly DeadLetter[] = []) =>
  whereItStopped(first, { events, nudge: undefined, deadLetters });

test.each([
  ["nothing", [], /dashboard-feed hears by ui-from-git$/],
  ["the commit", [first], /it stopped at context-agent: .* hears by context-from-git$/],
  ["its measure", [update, first], /it stopped at coach-agent: .* hears by coach-from-context$/],
])("of a chain of which %s is shown, the next is missing", (_, events, what) => {
  expect(stopped(events)).toMatchObject({ state: "wrong", what: expect.stringMatching(what) });
});

test("who gave an event up says why; who takes no part in the way to the nudge explains nothing", () => {
  expect(stopped([first], [dead("spec-agent"), dead("context-agent")])).toMatchObject({
    what: "context-agent gave up git.commit.v1 (handler-failed): it broke",
  });
  expect(stopped([first], [dead("spec-agent")])).toMatchObject({
    what: expect.stringContaining("stopped at context-agent"),
  });
});
