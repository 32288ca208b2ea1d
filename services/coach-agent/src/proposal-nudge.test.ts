import { coachNudge } from "@contextpilot/events";
import { changelogOf, proposalOf } from "./found.fixture.ts";
import { proposalNudge } from "./proposal-nudge.ts";

const heard = { event_id: "told-1", correlation_id: "chain-1" };

test("a patch is read and applied by commands", () =>
  expect(proposalNudge(changelogOf(), heard)).toEqual({
    nudge_id: expect.any(String),
    rule: "changelog",
    repository: "shop",
    title: "Say in CHANGELOG.md: Pay in instalments",
    why_now: "One commit brings what users will notice. It changes 1 file, and its patch is ready.",
    next_actions: [
      "Read it: `./contextpilot proposals show c1`",
      "Apply it where you stand: `./contextpilot proposals show c1 --patch | git apply`",
      "See the push that it comes from: `./contextpilot chains chain-1`",
    ],
    eta_minutes: 5,
    priority: "low",
    links: ["shop:CHANGELOG.md"],
    related_events: ["told-1"],
  }));

test("without a patch it says where to begin", () =>
  expect(proposalNudge(proposalOf(), heard)).toMatchObject({
    title: "Take src/cart.ts apart",
    why_now: expect.stringContaining("8263"),
    next_actions: [
      "See what keeps changing it: `git log --oneline -- src/cart.ts`",
      "Read it: `./contextpilot proposals show p1`",
      "See the push that it comes from: `./contextpilot chains chain-1`",
    ],
    eta_minutes: 25,
    priority: "normal",
  }));

test("whatever is proposed, the nudge is as coach.nudge.v1 says", () => {
  const long = "💡\u202E'".repeat(500);
  const extremes = [
    { title: long.slice(0, 120), reason: long.slice(0, 2000), files: [long, long], proposal_id: long.slice(0, 128) },
    { title: "x", reason: "", files: [], proposal_id: "--patch", files_affected: 0 },
  ];
  for (const over of extremes) {
    for (const data of [proposalOf(over), changelogOf(over)]) {
      const nudge = proposalNudge(data, { ...heard, correlation_id: long });
      expect(() => coachNudge(nudge)).not.toThrow();
      expect(nudge.next_actions.join()).not.toContain("show --patch");
    }
  }
});
