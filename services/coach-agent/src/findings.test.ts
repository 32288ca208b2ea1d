import { changeOf } from "./change.ts";
import { findingsOf } from "./findings.ts";
import { fileOf, updateOf, type Update } from "./updates.fixture.ts";

const rules = (over: Partial<Update>) =>
  findingsOf(changeOf(updateOf(over))).map(({ rule, file }) => `${rule} ${file.path}`);

const code = fileOf({ path: "src/cart.ts", lines_added: 40 });

test.each<[string, Partial<Update>, string[]]>([
  [
    "a commit of high impact, by the file to read first",
    { impact_score: 7, changes: [code, fileOf({ path: "README.md", kind: "docs", lines_added: 90 })] },
    ["high-impact src/cart.ts", "code-without-test src/cart.ts"],
  ],
  [
    "nothing to read first where only tests and pages changed",
    {
      impact_score: 9,
      changes: [fileOf({ path: "a.test.ts", kind: "test", lines_added: 900 }), fileOf({ path: "b.md", kind: "docs" })],
    },
    [],
  ],
  [
    "the code to read first, however long its tests",
    {
      impact_score: 9,
      changes: [fileOf({ path: "a.test.ts", kind: "test", lines_added: 900 }), fileOf({ lines_added: 5 })],
    },
    ["high-impact src/cart.ts"],
  ],
  ["no high impact just below", { impact_score: 6.9, changes: [] }, []],
  ["new code without a test", { changes: [code] }, ["code-without-test src/cart.ts"]],
  [
    "new code without a test as a refactoring",
    { changes: [code], change_type: "refactor" },
    ["code-without-test src/cart.ts"],
  ],
  [
    "nothing where a test came along",
    { changes: [code, fileOf({ path: "src/cart.test.ts", kind: "test", lines_added: 1 })] },
    [],
  ],
  [
    "nothing where Rust's own tests changed",
    { changes: [fileOf({ path: "src/lib.rs", lines_added: 90, functions: ["mod tests {"] })] },
    [],
  ],
  ["nothing in few new lines", { changes: [fileOf({ lines_added: 29 })] }, []],
  ["nothing in lines that went", { changes: [fileOf({ lines_removed: 200 })] }, []],
  [
    "nothing in a rename",
    { changes: [fileOf({ status: "renamed", previous_path: "src/old.ts" })], change_type: "refactor" },
    [],
  ],
  ["nothing in a new layout", { changes: [code], change_type: "style" }, []],
  [
    "nothing in generated code",
    { changes: [fileOf({ path: "api/a.pb.go", kind: "generated", lines_added: 900 })] },
    [],
  ],
  ["nothing where a test may be among the unlisted", { changes: [code], files_total: 1200 }, []],
  ["nothing in a merge", { changes: [code], is_merge: true, impact_score: 9 }, []],
  [
    "a large migration",
    { changes: [fileOf({ path: "db/1.sql", kind: "migration", lines_added: 20 })] },
    ["risky-place db/1.sql"],
  ],
  [
    "no new versions of what was there",
    { changes: [fileOf({ path: "go.mod", kind: "dependencies", lines_added: 30, lines_removed: 28 })] },
    [],
  ],
  [
    "new lines among the dependencies",
    { changes: [fileOf({ path: "go.mod", kind: "dependencies", lines_added: 13, lines_removed: 3 })] },
    ["risky-place go.mod"],
  ],
  ["nothing to try in what is gone", { changes: [fileOf({ path: "ci.yml", kind: "ci", lines_removed: 90 })] }, []],
  ["nothing to read in what is gone", { impact_score: 9, changes: [fileOf({ lines_removed: 900 })] }, []],
  ["nothing new in what was written anew", { changes: [fileOf({ lines_added: 180, lines_removed: 160 })] }, []],
  ["nothing in an example", { changes: [fileOf({ path: "examples/chat/main.go", lines_added: 90 })] }, []],
  ["no small migration", { changes: [fileOf({ path: "db/1.sql", kind: "migration", lines_added: 19 })] }, []],
  [
    "the riskiest of two places",
    {
      changes: [
        fileOf({ path: "ci.yml", kind: "ci", lines_added: 31 }),
        fileOf({ path: "go.mod", kind: "dependencies", lines_added: 20 }),
      ],
    },
    ["risky-place go.mod"],
  ],
  [
    "the most urgent first",
    {
      changes: [
        fileOf({ path: "ci.yml", kind: "ci", lines_added: 50 }),
        fileOf({ path: "src/auth.ts", kind: "security", lines_added: 40 }),
      ],
    },
    ["code-without-test src/auth.ts", "risky-place ci.yml"],
  ],
])("finds %s", (_what, over, found) => {
  expect(rules(over)).toEqual(found);
});

test("the origin's six fields suffice: one path has all the lines", () => {
  const six: Partial<Update> = {
    files_changed: ["src/auth.py"],
    lines_added: 150,
    lines_removed: 30,
    impact_score: 7.5,
    change_type: "refactor",
  };
  expect(rules(six)).toEqual(["high-impact src/auth.py", "code-without-test src/auth.py"]);
  expect(rules({ ...six, files_changed: ["tests/test_auth.py"] })).toEqual(["high-impact tests/test_auth.py"]);
});
