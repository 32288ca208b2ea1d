import { parseBlobs } from "./measure-blobs.ts";

const HASH = "a".repeat(40);

async function parse(text: string, size: number) {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
  }
  const contents: string[] = [];
  for await (const { content } of parseBlobs(pieces())) contents.push(content.toString());
  return contents;
}

test.each([1, 5, 64, 1000])("blobs of any content are told apart, in pieces of %i bytes", async (size) => {
  const contents = ["one\n", "", `${HASH} blob 3\nabc`, "x".repeat(300)];
  const text = contents.map((content) => `${HASH} blob ${content.length}\n${content}\n`).join("");
  expect(await parse(text, size)).toEqual(contents);
});

test.each([`${HASH} missing\n`, `${HASH} blob 10\nshort\n`, "what"])("%j is refused", async (text) => {
  await expect(parse(text, 1000)).rejects.toMatchObject({ code: "failed" });
});
