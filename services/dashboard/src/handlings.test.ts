import type { Envelope } from "@contextpilot/events";
import type { Handled } from "@contextpilot/messaging";
import { subscriptionsFor } from "@contextpilot/topology";
import { handlingsOf, type AskHandled, type Handling } from "./handlings.ts";
import { commit, nudge, said } from "./house.fixture.ts";
import type { DeadLetterState, FiledDeadLetter } from "./read-model.ts";

const SEEN = "2026-03-02T12:00:01.000Z";
const SOON = new Date("2026-03-02T12:01:00.000Z");

const noInbox: AskHandled = async () => [];

async function contextAgentOf(
  event: Envelope,
  { now = SOON, letters = [], handled }: { now?: Date; letters?: readonly FiledDeadLetter[]; handled?: Handled } = {},
): Promise<Handling | undefined> {
  const askHandled: AskHandled = async (_service, events) => events.map(() => handled);
  const clock = { now: () => now };
  const [handlings] = await handlingsOf([{ event, seen_at: SEEN }], letters, { askHandled, clock });
  return handlings?.find(({ consumer }) => consumer === "context-agent");
}

function died(dead_letter_id: string, state: DeadLetterState = "open", consumer = "context-agent"): FiledDeadLetter {
  return {
    dead_letter_id,
    tenant_id: "default",
    consumer,
    code: "handler-failed",
    reason: "it broke",
    dead_at: SEEN,
    seen_at: SEEN,
    event_id: "e1",
    attributes: {},
    bytes: 2,
    state,
    group_id: "g",
    arrivals: 1,
    last_seen_at: SEEN,
  };
}

test("each event has a handling for each service that handles its type, and none where nobody does", async () => {
  const events = [said("e1", commit()), said("e2", nudge()), said("e3", commit())];
  const clock = { now: () => SOON };
  const handlings = await handlingsOf(
    events.map((event) => ({ event, seen_at: SEEN })),
    [],
    { askHandled: noInbox, clock },
  );
  const hearers = subscriptionsFor("git.commit.v1").map(({ service }) => service);
  expect(handlings.map((each) => each.map(({ consumer }) => consumer))).toEqual([hearers, [], hearers]);
});

test("a service is asked once about all events that it hears, and each gets its own answer", async () => {
  const asked: string[] = [];
  const askHandled: AskHandled = async (service, events) => {
    asked.push(service);
    return events.map(({ event_id }) =>
      event_id === "e2" ? { at: SEEN, said: ["x"], note: "more later" } : undefined,
    );
  };
  const events = ["e1", "e2"].map((id) => ({ event: said(id, commit()), seen_at: SEEN }));
  const handlings = await handlingsOf(events, [], { askHandled, clock: { now: () => SOON } });

  expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted());
  expect(handlings.map(([first]) => first?.status)).toEqual(["waits", "handled"]);
  expect(handlings[1]?.[0]).toMatchObject({ at: SEEN, said: ["x"], note: "more later" });
});

test("what was handled is handled, whatever died of it before", async () => {
  const handled = { at: SEEN, said: [] };
  expect(await contextAgentOf(said("e1", commit()), { handled, letters: [died("d1")] })).toEqual({
    consumer: "context-agent",
    status: "handled",
    at: SEEN,
    said: [],
    note: null,
  });
});

test("what died is dead-lettered with its reason; what was sent again since, or died at another service, waits", async () => {
  const event = said("e1", commit());
  expect(await contextAgentOf(event, { letters: [died("d1")] })).toEqual({
    consumer: "context-agent",
    status: "dead-lettered",
    at: SEEN,
    dead_letter_id: "d1",
    state: "open",
    code: "handler-failed",
    reason: "it broke",
  });
  expect(await contextAgentOf(event, { letters: [died("d1", "discarded")] })).toMatchObject({ state: "discarded" });
  for (const letter of [died("d1", "redriven"), died("d1", "resent"), died("d1", "open", "spec-agent")]) {
    expect(await contextAgentOf(event, { letters: [letter] })).toMatchObject({ status: "waits" });
  }
  // The newest comes first: it died once more.
  expect(await contextAgentOf(event, { letters: [died("d2"), died("d1", "redriven")] })).toMatchObject({
    dead_letter_id: "d2",
  });
});

test("without a record an event waits, unless its own time is over, it is a replay, or the bus no longer has it", async () => {
  const event = said("e1", commit());
  expect(await contextAgentOf(event)).toEqual({ consumer: "context-agent", status: "waits" });
  const brief = { ...event, ttl_seconds: 60 };
  expect(await contextAgentOf(brief, { now: new Date("2026-03-02T12:00:59.999Z") })).toMatchObject({ status: "waits" });
  expect(await contextAgentOf(brief)).toMatchObject({ status: "expired" });
  expect(await contextAgentOf({ ...event, replay_generation: "g" })).toMatchObject({ status: "not-handled" });
  expect(await contextAgentOf(event, { now: new Date("2026-03-09T12:00:01.000Z") })).toMatchObject({
    status: "not-handled",
    reason: "the bus keeps nothing for more than 7 days",
  });
});
