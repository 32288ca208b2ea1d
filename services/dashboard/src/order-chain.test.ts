import { commit, said } from "./house.fixture.ts";
import { orderCausally } from "./order-chain.ts";
import type { SeenEvent } from "./read-model.ts";

const at = (second: number): string => new Date(Date.UTC(2026, 2, 2, 12, 0, second)).toISOString();

function seen(id: string, parent?: string, second = 0, hops = 0): SeenEvent {
  const cause = parent === undefined ? {} : { parent_event_id: parent };
  return { event: said(id, commit(), { timestamp: at(second), hops, ...cause }), seen_at: at(second) };
}

const shown = (events: readonly SeenEvent[]): readonly string[] =>
  orderCausally(events).map(({ event, depth }) => `${depth} ${event.event_id}`);

test("each event stands before what it caused, however they arrived", () => {
  const events = [seen("nudge", "update"), seen("update", "commit"), seen("commit", "push"), seen("push")];
  expect(shown(events)).toEqual(["0 push", "1 commit", "2 update", "3 nudge"]);
});

test("siblings stand by their time, each with all it caused", () => {
  const events = [
    seen("push"),
    seen("late", "push", 9),
    seen("early", "push", 1),
    seen("of-late", "late", 2),
    seen("of-early", "early", 20),
  ];
  expect(shown(events)).toEqual(["0 push", "1 early", "2 of-early", "1 late", "2 of-late"]);
});

test("an event whose cause was not seen keeps the depth that its hops say", () => {
  expect(shown([seen("push"), seen("orphan", "unseen", 0, 2), seen("child", "orphan", 0, 3)])).toEqual([
    "0 push",
    "2 orphan",
    "3 child",
  ]);
});

test("a circle of causes loses nobody and says nobody twice", () => {
  expect(shown([seen("b", "a", 2), seen("a", "b", 1), seen("itself", "itself", 3)])).toEqual([
    "0 a",
    "1 b",
    "0 itself",
  ]);
});

test("a chain as deep as it is long is ordered", () => {
  const events = Array.from({ length: 20_000 }, (_, index) =>
    seen(`${index}`, index === 0 ? undefined : `${index - 1}`),
  );
  expect(orderCausally(events.toReversed()).at(-1)).toMatchObject({ depth: 19_999 });
});
