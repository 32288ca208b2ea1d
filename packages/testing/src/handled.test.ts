import { coachNudge, contextUpdate, createEvent, type Envelope } from "@contextpilot/events";
import { MemoryStore, createReceiver, handler, readHandled } from "@contextpilot/messaging";
import { RecordingPublisher } from "./recording-publisher.ts";
import { deliveryOf } from "./stage.ts";

const NOW = new Date("2026-03-02T10:00:00Z");

function update(event_id: string, change_type = "refactor"): Envelope {
  const data = contextUpdate.read({
    files_changed: ["src/auth.py"],
    lines_added: 150,
    lines_removed: 30,
    commit_hash: "abc",
    impact_score: 7.5,
    change_type,
  });
  if (!data.ok) throw new TypeError(data.problem);
  return createEvent(contextUpdate(data.value), { source: "test", timestamp: NOW.toISOString(), event_id });
}

const nudge = coachNudge({
  nudge_id: "n1",
  rule: "high-impact",
  repository: "shop",
  title: "Look at it again",
  why_now: "It is large",
  next_actions: ["git show", "npm test"],
  eta_minutes: 5,
  priority: "normal",
  links: [],
  related_events: [],
});

/** A service that says two nudges of a refactor, and of anything else why it says nothing. */
function coach() {
  const store = new MemoryStore();
  const publisher = new RecordingPublisher();
  const nudging = handler("context.update.v1", {
    decide: ({ data }) =>
      data.change_type === "refactor" ? { events: [nudge, nudge] } : { events: [], note: "n".repeat(2_000) },
  });
  const { receive } = createReceiver({
    service: "a-coach",
    handlers: [nudging],
    store,
    publisher,
    clock: { now: () => NOW },
  });
  return { store, publisher, receive };
}

test("who is asked about several events at once tells of each what it said, or why nothing, or that it has not handled it", async () => {
  const { store, publisher, receive } = coach();
  await receive(deliveryOf(update("spoken")));
  await receive(deliveryOf(update("silent", "docs")));

  const [silent, unknown, spoken] = await readHandled(store, "a-coach", [
    update("silent"),
    update("unknown"),
    update("spoken"),
  ]);
  expect(spoken).toEqual({ at: NOW.toISOString(), said: publisher.events.map(({ event_id }) => event_id) });
  expect(spoken?.said).toHaveLength(2);
  expect(silent).toEqual({ at: NOW.toISOString(), said: [], note: "n".repeat(500) });
  expect(unknown).toBeUndefined();
});

test("another service's record, another tenant's and another generation's are not its own", async () => {
  const { store, receive } = coach();
  const event = update("spoken");
  await receive(deliveryOf(event));

  expect(await readHandled(store, "another", [event])).toEqual([undefined]);
  expect(
    await readHandled(store, "a-coach", [
      { ...event, tenant_id: "acme" },
      { ...event, replay_generation: "g1" },
    ]),
  ).toEqual([undefined, undefined]);
});
