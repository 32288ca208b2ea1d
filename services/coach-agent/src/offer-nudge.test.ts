import type { Envelope } from "@contextpilot/events";
import { scenario, type Told } from "@contextpilot/testing";
import { handlers } from "./handlers.ts";
import { fileOf, updateDraft, type Update } from "./updates.fixture.ts";

const coach = scenario("coach-agent", handlers);

/** Ada commits 40 untested lines to a file of the shop. */
function commit(at: string, path: string, over: Partial<Update> = {}): Told {
  return {
    at,
    draft: updateDraft({ commit_hash: `${path}${at}`, changes: [fileOf({ path, lines_added: 40 })], ...over }),
  };
}

/** The files that nudges about missing tests name. */
const filesOf = (said: readonly Envelope[]) =>
  said.map((event) => /Give (\S+) a test/.exec(JSON.stringify(event.data))?.[1]);

test("a commit with a finding is a nudge to its author, with the finding's priority", () =>
  coach
    .given()
    .when(commit("10:00", "a.ts"))
    .expect((said) =>
      expect(said).toMatchObject([
        { event_type: "coach.nudge.v1", user_id: "ada", priority: "normal", data: { rule: "code-without-test" } },
      ]),
    ));

test("the nudge names the event that gave rise to it", () =>
  coach
    .given()
    .when(commit("10:00", "a.ts"))
    .expect(([nudge]) => expect(nudge?.data).toMatchObject({ related_events: [nudge?.parent_event_id] })));

test("a second nudge within 30 minutes waits for the author's next commit after them", () =>
  coach
    .given(commit("10:00", "a.ts"))
    .when(commit("10:20", "b.ts"), commit("10:31", "README.md", { changes: [] }))
    .expect((said) => expect(filesOf(said)).toEqual(["b.ts"])));

test("another person's pace is their own", () =>
  coach
    .given(commit("10:00", "a.ts"))
    .when(commit("10:05", "b.ts", { author_id: "bob" }))
    .expect((said) => expect(filesOf(said)).toEqual(["b.ts"])));

test("the same file of the same repository is not spoken of twice in a week", () =>
  coach
    .given(commit("10:00", "a.ts"))
    .when(
      commit("12:00", "a.ts"),
      commit("14:00", "a.ts", { repository: "fork" }),
      commit("2026-03-09T09:59", "a.ts"),
      commit("2026-03-09T10:00", "a.ts"),
    )
    .expect((said) =>
      expect(said.map((event) => event.timestamp)).toEqual(["2026-03-02T14:00:00.000Z", "2026-03-09T10:00:00.000Z"]),
    ));

test.each<[string, Partial<Update>]>([
  ["imported history", { origin: "import" }],
  ["an applied proposal", { proposal_id: "cp_042" }],
  ["an agent's branch", { branch: "agent/refactor-auth" }],
  ["a merge", { is_merge: true }],
])("%s is no reason for a nudge", (_what, over) =>
  coach
    .given()
    .when(commit("10:00", "a.ts", over))
    .expect((said) => expect(said).toEqual([])),
);
