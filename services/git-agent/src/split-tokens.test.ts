import { splitTokens } from "./split-tokens.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function tokens(text: string, size: number, longest = 100): Promise<string[]> {
  const found: string[] = [];
  for await (const token of splitTokens(inPieces(text, size), 0, longest)) found.push(token.toString());
  return found;
}

test.each([1, 2, 3, 7, 100])("tokens are the same in pieces of %i bytes", async (size) => {
  expect(await tokens("one\0\0three\0last", size)).toEqual(["one", "", "three", "last"]);
});

test.each([1, 4, 100])("a token is cut at the limit, the next one is whole, in pieces of %i bytes", async (size) => {
  expect(await tokens("0123456789\0ab\0", size, 4)).toEqual(["0123", "ab"]);
});

test("nothing has no token", async () => {
  expect(await tokens("", 1)).toEqual([]);
});
