import type { DeadLetter } from "../read-model.ts";
import { causeOf, groupIdOf } from "./cause.ts";

const letter = (reason: string, over: Partial<DeadLetter> = {}): DeadLetter => ({
  dead_letter_id: "d1",
  tenant_id: "default",
  consumer: "coach-agent",
  code: "handler-failed",
  reason,
  dead_at: "2026-03-02T12:00:00.000Z",
  seen_at: "2026-03-02T12:00:00.000Z",
  event_type: "context.update.v1",
  attributes: {},
  bytes: 1,
  ...over,
});
const groupOf = (reason: string, over: Partial<DeadLetter> = {}): string => groupIdOf(causeOf(letter(reason, over)));

test.each([
  ["numbers", "took 153 ms of 2.5 s", "took … ms of … s"],
  ["numbers that touch their unit", "took 153ms", "took …ms"],
  ["hashes", "no commit 3f2a9bc in shop", "no commit … in shop"],
  ["UUIDs", "chain 0191F0c2-7b1e-7abc-8def-0123456789ab is gone", "chain … is gone"],
  [
    "quoted words",
    `Unexpected token 'o', "no, "it" is" is not valid JSON`,
    `Unexpected token '…', "…" is not valid JSON`,
  ],
  [
    "the ids of the place, not its path",
    "must be at most 10, got 11 [event=git:shop:main message=7 path=data.impact_score]",
    "must be at most …, got … [event=… message=… path=data.impact_score]",
  ],
])("%s are left out of the cause", (_what, reason, cause) => {
  expect(causeOf(letter(reason)).cause).toBe(cause);
});

test.each(["no handler for git.commit.v1", "the effaced facade isn't there, and can't be", "spec v2 is not read"])(
  "%s: plain words stay",
  (reason) => {
    expect(causeOf(letter(reason)).cause).toBe(reason);
  },
);

test("letters of one cause are one group; another consumer, code, type or reason is another", () => {
  expect(groupOf("took 5 ms")).toBe(groupOf("took 7 ms"));
  expect(groupOf("took 5 ms")).toMatch(/^[0-9a-f]{12}$/);
  const others = [
    groupOf("took 5 s"),
    groupOf("took 5 ms", { consumer: "git-agent" }),
    groupOf("took 5 ms", { code: "time-limit" }),
    groupOf("took 5 ms", { event_type: undefined }),
  ];
  expect(new Set([groupOf("took 5 ms"), ...others]).size).toBe(5);
});

test("a reason without end makes no group without end", () => {
  const long = "x ".repeat(400);
  expect(groupOf(`${long}a`)).toBe(groupOf(`${long}b`));
});
