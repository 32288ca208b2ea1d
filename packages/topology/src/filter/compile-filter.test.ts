import { compileFilter } from "./compile-filter.ts";
import { passes } from "./evaluate-filter.ts";
import { FilterError } from "./filter-error.ts";
import { parseFilter } from "./parse-filter.ts";

const passesFor = (families: readonly string[], event_type: string): boolean =>
  passes(parseFilter(compileFilter(families)), { event_type });

test.each(["git.push", "git.push.v1", "git.push.v2", "git.push.v99", "git.commit", "git.commit.v1"])(
  "who hears git.push and git.commit gets %s",
  (type) => {
    expect(passesFor(["git.push", "git.commit"], type)).toBe(true);
  },
);

test.each([
  "git.pushed.v1",
  "git.push2.v1",
  "xgit.push.v1",
  "git.pus.v1",
  "git.push.",
  "git.push.w1",
  "git.push.rejected.v1",
  "gitxpush.v1",
  "GIT.PUSH.V1",
  " git.push.v1",
  "",
])("who hears git.push does not get %j", (type) => {
  expect(passesFor(["git.push"], type)).toBe(false);
});

test("a message without an event type passes no such filter", () => {
  expect(passes(parseFilter(compileFilter(["git.push"])), {})).toBe(false);
});

const hearsApproval = (type: string): boolean => passesFor(["proposal.approved"], type);

test("who hears proposal.approved gets it in every version, and no other proposal", () => {
  expect(["proposal.approved.v1", "proposal.approved.v2", "proposal.approved"].filter(hearsApproval)).toHaveLength(3);
  const others = ["created", "rejected", "applied", "failed", "edited", "approved_again", "approvedx"];
  expect(others.flatMap((word) => [`proposal.${word}`, `proposal.${word}.v1`]).filter(hearsApproval)).toEqual([]);
});

test("nothing to hear, and more than 256 bytes say, are mistakes", () => {
  expect(() => compileFilter([])).toThrow(FilterError);
  expect(() => compileFilter(["git.push", "git.commit", "context.update"])).toThrow(/at most 256/);
});
