import { passes } from "./evaluate-filter.ts";
import { parseFilter } from "./parse-filter.ts";

const YES = true;
const no = false;
/** How a filter answers to: no attributes, a = "", a = "1", a = "12", a = "2", and a = "1" with b = "1". */
const MESSAGES = [{}, { a: "" }, { a: "1" }, { a: "12" }, { a: "2" }, { a: "1", b: "1" }];

test.each<[string, readonly boolean[]]>([
  [`attributes:a`, [no, YES, YES, YES, YES, YES]],
  [`NOT attributes:a`, [YES, no, no, no, no, no]],
  [`attributes.a = "1"`, [no, no, YES, no, no, YES]],
  [`attributes.a = ""`, [no, YES, no, no, no, no]],
  [`attributes.a != "1"`, [YES, YES, no, YES, YES, no]],
  [`NOT attributes.a = "1"`, [YES, YES, no, YES, YES, no]],
  [`NOT attributes.a != "1"`, [no, no, YES, no, no, YES]],
  [`hasPrefix(attributes.a, "1")`, [no, no, YES, YES, no, YES]],
  [`hasPrefix(attributes.a, "")`, [no, YES, YES, YES, YES, YES]],
  [`-hasPrefix(attributes.a, "1")`, [YES, YES, no, no, YES, no]],
  [`attributes.a = "1" AND attributes.b = "1"`, [no, no, no, no, no, YES]],
  [`attributes.a = "1" OR attributes.a = "2"`, [no, no, YES, no, YES, YES]],
  [`attributes.b != "1" AND (attributes.a = "1" OR attributes.a = "2")`, [no, no, YES, no, YES, no]],
  [`NOT (attributes.a = "1" OR attributes.b = "1")`, [YES, YES, no, YES, YES, no]],
])("%s", (text, answers) => {
  const filter = parseFilter(text);
  expect(MESSAGES.map((attributes) => passes(filter, attributes))).toEqual(answers);
});

test.each(["toString", "constructor", "__proto__"])("%s is an attribute only where the message has it", (key) => {
  expect(passes(parseFilter(`attributes:${key}`), {})).toBe(false);
  expect(passes(parseFilter(`hasPrefix(attributes.${key}, "")`), {})).toBe(false);
  expect(passes(parseFilter(`attributes.${key} != "x"`), {})).toBe(true);
  const given = Object.fromEntries([[key, "x"]]);
  expect(passes(parseFilter(`attributes.${key} = "x"`), given)).toBe(true);
});
