import { parseFunctions } from "./read-functions.ts";

async function parse(text: string, patchBytes = 10_000) {
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from(text);
  }
  const functions = new Map<string, string[][]>();
  const cutAt = await parseFunctions(chunks(), functions, patchBytes);
  return { functions: Object.fromEntries(functions), cutAt };
}

test("each file has the headings of its hunks, once each", async () => {
  const patch = [
    "commit aa",
    "diff --git a/one b/one",
    "@@ -5 +5 @@ int main(void)",
    "-@@ -1 +1 @@ not a hunk",
    "+diff --git a/x b/x",
    "@@ -9,0 +10,2 @@ int main(void)",
    "+x",
    "@@ -20 +21 @@ class A {",
    "@@ -1 +1 @@",
    "diff --git a/two b/two",
    "old mode 100644",
    "commit bb",
    "diff --git a/three b/three",
    "@@ -1 +1 @@ def f():",
  ].join("\n");
  expect(await parse(patch)).toEqual({
    functions: { aa: [["int main(void)", "class A {"], []], bb: [["def f():"]] },
    cutAt: undefined,
  });
});

test("a file has at most 20 names", async () => {
  const hunks = Array.from({ length: 30 }, (_, at) => `@@ -${at} +${at} @@ f${at}()`);
  const { functions } = await parse(["commit aa", "diff --git a/x b/x", ...hunks].join("\n"));
  expect(functions["aa"]?.[0]).toHaveLength(20);
});

test("a heading that git cut within a character ends before it", async () => {
  const text = Buffer.concat([Buffer.from("commit aa\ndiff --git a/x b/x\n@@ -1 +1 @@ stra"), Buffer.from([0xc3])]);
  async function* chunks(): AsyncGenerator<Buffer> {
    yield text;
  }
  const functions = new Map<string, string[][]>();
  await parseFunctions(chunks(), functions, 1000);
  expect(functions.get("aa")).toEqual([["stra"]]);
});

test("reading stops in the commit whose patch is too long, and says in which", async () => {
  const small = "commit aa\ndiff --git a/x b/x\n@@ -1 +1 @@ f()\n";
  const long = `commit bb\ndiff --git a/x b/x\n@@ -1 +1 @@ g()\n${"+x\n".repeat(50)}@@ -9 +9 @@ h()\n`;
  expect(await parse(small + long, 100)).toEqual({ functions: { aa: [["f()"]], bb: [["g()"]] }, cutAt: "bb" });
});
