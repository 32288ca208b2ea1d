import * as fc from "fast-check";
import { matchesRoutingPattern, parseRoutingPattern, routingKeyOf } from "./routing-pattern.ts";

const YES = true;
const no = false;
const KEYS = ["", "agent", "agent.started", "agent.started.normal", "agent.started.now.normal", "task.started.normal"];

test.each<[string, readonly boolean[]]>([
  ["#", [YES, YES, YES, YES, YES, YES]],
  ["*", [no, YES, no, no, no, no]],
  ["agent", [no, YES, no, no, no, no]],
  ["agent.#", [no, YES, YES, YES, YES, no]],
  ["agent.*", [no, no, YES, no, no, no]],
  ["agent.*.normal", [no, no, no, YES, no, no]],
  ["agent.*.*.normal", [no, no, no, no, YES, no]],
  ["agent.#.normal", [no, no, no, YES, YES, no]],
  ["agent.*.#", [no, no, YES, YES, YES, no]],
  ["agent.#.*", [no, no, YES, YES, YES, no]],
  ["#.normal", [no, no, no, YES, YES, YES]],
  ["*.started.*", [no, no, no, YES, no, YES]],
  ["*.started.#", [no, no, YES, YES, YES, YES]],
  ["#.started.#", [no, no, YES, YES, YES, YES]],
  ["#.#", [YES, YES, YES, YES, YES, YES]],
  ["*.#.*", [no, no, YES, YES, YES, YES]],
  ["#.agent", [no, YES, no, no, no, no]],
  ["agent.started.normal", [no, no, no, YES, no, no]],
])("%s", (pattern, expected) => {
  const words = parseRoutingPattern(pattern);
  expect(KEYS.map((key) => matchesRoutingPattern(words, key))).toEqual(expected);
});

test("a pattern answers as its definition does, whatever the words", () => {
  const matches = (pattern: readonly string[], words: readonly string[]): boolean => {
    const [wanted, ...rest] = pattern;
    if (wanted === undefined) return words.length === 0;
    if (wanted === "#") return matches(rest, words) || (words.length > 0 && matches(pattern, words.slice(1)));
    return words.length > 0 && (wanted === "*" || wanted === words[0]) && matches(rest, words.slice(1));
  };
  const pattern = fc.array(fc.constantFrom("a", "b", "*", "#"), { minLength: 1, maxLength: 6 });
  const words = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 7 });
  fc.assert(
    fc.property(pattern, words, (pattern, words) => {
      expect(matchesRoutingPattern(pattern, words.join("."))).toBe(matches(pattern, words));
    }),
    { numRuns: 2000 },
  );
});

test("any text is a pattern that can be asked, or refused with a TypeError", () => {
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.stringMatching(/^[a.*#]{0,255}$/));
  fc.assert(
    fc.property(text, text, (pattern, key) => {
      const started = process.cpuUsage();
      try {
        const parsed = parseRoutingPattern(pattern);
        expect(parsed.join(".")).toBe(pattern);
        expect(typeof matchesRoutingPattern(parsed, key)).toBe("boolean");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
    }),
    { numRuns: 2000 },
  );
});

test("many # in a row cost no more than the product of both lengths", () => {
  const pattern = parseRoutingPattern(`${"#.a.".repeat(60)}b`);
  const started = process.cpuUsage();
  expect(matchesRoutingPattern(pattern, "a.".repeat(120))).toBe(no);
  expect(process.cpuUsage(started).user).toBeLessThan(100_000); // µs
});

test.each([
  ["", "empty"],
  ["agent*.started", "whole words"],
  ["agent.##", "whole words"],
  ["a".repeat(256), "256 bytes"],
])("the pattern %j is refused", (pattern, problem) => {
  expect(() => parseRoutingPattern(pattern)).toThrow(problem);
});

test("the routing key of an event is its family and its priority", () => {
  expect(routingKeyOf({ event_type: "plan.step.completed.v2", priority: "high" })).toBe("plan.step.completed.high");
  expect(routingKeyOf({ event_type: "agent.started.v1" })).toBe("agent.started.normal");
});
