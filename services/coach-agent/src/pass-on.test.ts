import { clockTick, type Envelope } from "@contextpilot/events";
import { scenario, timeOf, type Told } from "@contextpilot/testing";
import { changelogOf, insight, proposal, proposalOf } from "./found.fixture.ts";
import { handlers } from "./handlers.ts";
import { fileOf, updateDraft } from "./updates.fixture.ts";

const coach = scenario("coach-agent", handlers);
const tick = (at: string): Told => ({ at, draft: clockTick({ minute: timeOf(at) }) });
const rulesOf = (said: readonly Envelope[]) => said.map(({ data }) => (data as { rule: string }).rule);
const untested = (at: string): Told => ({
  at,
  draft: updateDraft({ commit_hash: at, changes: [fileOf({ path: "src/pay.ts", lines_added: 40 })] }),
});

test("an insight is a nudge to who made the commit, in its chain, a minute later", () =>
  coach
    .given(insight("10:00"))
    .when(tick("10:00"), tick("10:01"), tick("10:40"))
    .expect((said) => {
      expect(said).toMatchObject([{ event_type: "coach.nudge.v1", user_id: "ada", data: { rule: "hotspot" } }]);
      expect(said[0]?.timestamp).toBe(timeOf("10:01"));
      expect(said[0]?.data).toMatchObject({ related_events: [said[0]?.parent_event_id] });
    }));

test("a proposal is a nudge to whose change gave rise to it", () =>
  coach
    .given(proposal("10:00", changelogOf({ user_id: "bob" })))
    .when(tick("10:01"))
    .expect((said) => expect(said).toMatchObject([{ user_id: "bob", data: { rule: "changelog" } }])));

test("what the commit itself gives reason to say comes first, whichever is heard first", () =>
  coach
    .given()
    .when(proposal("10:00", changelogOf()), insight("10:00"), untested("10:00"), tick("10:30"), tick("11:00"))
    .expect((said) => expect(rulesOf(said)).toEqual(["code-without-test", "hotspot", "changelog"])));

test("a hotspot and the proposal to take it apart are one finding", () =>
  coach
    .given()
    .when(
      insight("10:00"),
      proposal("10:00", proposalOf()),
      tick("10:01"),
      tick("10:31"),
      insight("12:00"),
      tick("12:01"),
    )
    .expect((said) => expect(rulesOf(said)).toEqual(["refactor"])));

test("the same finding for another person, or in another file, is another", () =>
  coach
    .given(insight("10:00"), tick("10:01"))
    .when(insight("10:02", {}, "bob"), insight("10:02", { files: ["src/b.ts"] }), tick("10:03"), tick("10:31"))
    .expect((said) => expect(said.map(({ user_id }) => user_id)).toEqual(["bob", "ada"])));

test.each<[string, Told]>([
  ["an insight that names nobody", insight("10:00", {}, "unknown")],
  ["a proposal that names nobody", proposal("10:00", proposalOf({ user_id: "unknown" }))],
  ["a notice that the hour's insights are spent", insight("10:00", { rule: "budget" })],
])("%s is nobody's nudge", (_what, told) =>
  coach
    .given()
    .when(told, tick("10:01"))
    .expect((said) => expect(said).toEqual([])),
);
