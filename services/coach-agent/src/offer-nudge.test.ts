import { clockTick, type Envelope } from "@contextpilot/events";
import { scenario, timeOf, type Told } from "@contextpilot/testing";
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

const tick = (at: string): Told => ({ at, draft: clockTick({ minute: timeOf(at) }) });

test("a second nudge within 30 minutes waits, and is told at the first tick after them, in the chain in which it was found", () =>
  coach
    .given(commit("10:00", "a.ts"), commit("10:20", "b.ts"))
    .when(tick("10:29"), tick("10:30"), tick("10:31"))
    .expect((said, outcomes) => {
      expect(filesOf(said)).toEqual(["b.ts"]);
      const [nudge] = said;
      expect(nudge?.timestamp).toBe(timeOf("10:30"));
      expect(nudge?.data).toMatchObject({ related_events: [nudge?.parent_event_id] });
      expect(outcomes.map(({ kind }) => kind)).toEqual(["handled", "handled", "handled"]);
    }));

test("a tick has nothing to tell where nothing waits", () =>
  coach
    .given(commit("10:00", "a.ts"))
    .when(tick("10:30"), tick("11:30"))
    .expect((said) => expect(said).toEqual([])));

test("a second nudge within 30 minutes waits for the author's next commit after them, if that comes before a tick", () =>
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
