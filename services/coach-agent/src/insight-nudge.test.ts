import { coachNudge } from "@contextpilot/events";
import * as fc from "fast-check";
import { insightOf, type Insight } from "./found.fixture.ts";
import { insightNudge } from "./insight-nudge.ts";

const heard = { event_id: "told-1", correlation_id: "chain-1" };
const nudge = (over: Partial<Insight> = {}) => insightNudge(insightOf(over), heard);

test("names the finding, its numbers and the next commands", () =>
  expect(nudge()).toEqual({
    nudge_id: expect.any(String),
    rule: "hotspot",
    repository: "shop",
    title: "Make src/cart.ts easier to change: a hotspot, score 2998",
    why_now:
      "src/cart.ts is a hotspot: 5 recent changes × 600 levels of indentation (score 2998, threshold 2000, recent changes 5). " +
      "What is hard to read costs the more, the more often it is read; who has just changed it knows it best.",
    next_actions: [
      "See what keeps changing it: `git log --oneline -- src/cart.ts`",
      "Take its deepest block out into a function with a name and a test of its own.",
      "See the push that it comes from: `./contextpilot chains chain-1`",
    ],
    eta_minutes: 20,
    priority: "normal",
    links: ["shop@def456:src/cart.ts"],
    related_events: ["told-1"],
  }));

test.each<[string, Partial<Insight>, string, string]>([
  [
    "a coupling",
    { rule: "coupling", files: ["src/cart.ts", "api/it's.ts"], evidence: { degree_percent: 83 } },
    "src/cart.ts and api/it's.ts change together (83 %)",
    String.raw`See what keeps changing them: ${"`"}git log --oneline -- src/cart.ts 'api/it'\''s.ts'${"`"}`,
  ],
  [
    "a sole author",
    { rule: "sole-author", evidence: { changes: 12 } },
    "Show src/cart.ts to a colleague: 12 changes, all yours",
    "Find who knows what is around it: `git shortlog -sn HEAD -- src/`",
  ],
  [
    "a rule of a later day",
    { rule: "toString", title: "It is Tuesday" },
    "It is Tuesday",
    "See what keeps changing it: `git log --oneline -- src/cart.ts`",
  ],
])("%s is said in its own words", (_what, over, title, action) => {
  expect(nudge(over)).toMatchObject({ title, next_actions: expect.arrayContaining([action]) });
});

test("what a command would take for an option is not put into one", () => {
  const { next_actions } = insightNudge(insightOf({ files: ["-x.ts"] }), { ...heard, correlation_id: "--help" });
  expect(next_actions[0]).toBe("See what keeps changing it: `git log --oneline -- -x.ts`");
  expect(next_actions[2]).toBe("Look for the push that it comes from: `./contextpilot chains`.");
});

const hostile = fc.string({
  unit: fc.constantFrom("a", "/", ".py", " ", "'", "`", "$", "\n", "\u202E", "💡", "-", ":"),
  minLength: 1,
});

test("whatever was found, the nudge is as coach.nudge.v1 says, its title short and printable", () => {
  const numbers = fc.dictionary(hostile, fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(
      fc.constantFrom("hotspot", "coupling", "sole-author", "other"),
      hostile.map((title) => title.slice(0, 120)),
      fc.array(hostile, { minLength: 1, maxLength: 3 }),
      numbers,
      hostile,
      (rule, title, files, evidence, correlation_id) => {
        const said = insightNudge(insightOf({ rule, title, files, evidence }), { ...heard, correlation_id });
        expect(() => coachNudge(said)).not.toThrow();
        expect(said.title.length).toBeLessThanOrEqual(90);
        expect([said.title, said.why_now, ...said.next_actions, ...said.links].join("")).not.toMatch(/\p{C}/u);
      },
    ),
  );
});
