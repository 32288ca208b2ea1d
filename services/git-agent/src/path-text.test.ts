import { pathText } from "./path-text.ts";

test.each([
  ["src/zürich.ts", "src/zürich.ts"],
  ["with space\nand newline", "with space\nand newline"],
  ["\uFEFFbom", "\uFEFFbom"],
  ['a"b', 'a"b'],
  ['"a', '"\\"a"'],
])("UTF-8 stands as it is, but for a double quote at the beginning: %j", (path, text) => {
  expect(pathText(Buffer.from(path))).toBe(text);
});

test("what is not UTF-8 is quoted as git quotes it", () => {
  expect(pathText(Buffer.from('caf\xe9\t"\\.txt', "latin1"))).toBe('"caf\\351\\t\\"\\\\.txt"');
});

test("a name that looks quoted and a quoted name differ", () => {
  const invalid = Buffer.from("caf\xe9", "latin1");
  expect(pathText(Buffer.from(pathText(invalid)))).not.toBe(pathText(invalid));
});
