import * as fc from "fast-check";
import { GitError } from "./git-error.ts";
import { parseBlobs } from "./measure-blobs.ts";
import { measureText } from "./measure-text.ts";
import { pathText } from "./path-text.ts";
import { parseFunctions } from "./read-functions.ts";

/** A failure names its seed and path: give them to fc.assert to see it again. */
const RUNS = { numRuns: 1_500 };
const HASH = "a".repeat(40);
const blobs = `${HASH} blob 5\nline\n\n${HASH} blob 0\n\n${HASH} blob 12\n${HASH.slice(0, 12)}\n`;
const patch = [
  `commit ${HASH}`,
  "",
  "diff --git a/cart.ts b/cart.ts",
  "--- a/cart.ts",
  "+++ b/cart.ts",
  "@@ -5 +5 @@ export function total(cart: Cart) {",
  "-commit of the past",
  "+@@ -1 +1 @@ no header",
  "@@ -9,2 +9 @@",
  "\\ No newline at end of file",
  "",
].join("\n");

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What is made of the bytes; undefined where they are refused, which is always a GitError, and soon. */
async function soon<T>(read: () => Promise<T>): Promise<T | undefined> {
  const started = process.cpuUsage();
  try {
    return await read();
  } catch (error) {
    if (error instanceof GitError && error.code === "failed") return undefined;
    throw error;
  } finally {
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
  }
}

const readBlobs = (bytes: Buffer, size: number) =>
  soon(async () => {
    const found: unknown[] = [];
    for await (const { hash, content } of parseBlobs(inChunks(bytes, size))) {
      found.push([hash, content.toString("latin1"), measureText(content)]);
    }
    return found;
  });

const readNames = (bytes: Buffer, size: number) =>
  soon(async () => {
    const functions = new Map<string, string[][]>();
    const cutAt = await parseFunctions(inChunks(bytes, size), functions, 4_096);
    return { cutAt, functions };
  });

const anyBytes = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
/** Pieces that mean something in git's output, or any bytes. */
const piece = fc.oneof(
  anyBytes,
  fc
    .constantFrom(
      "\n",
      "\0",
      " ",
      "@@ -1 +1 @@ ",
      "@@",
      "diff --git ",
      `commit ${HASH}\n`,
      `${HASH} blob 3\n`,
      ` blob 99\n`,
    )
    .map((text) => Buffer.from(text)),
);
/** Real output with up to two places changed. */
const mutated = (real: string) =>
  fc.array(fc.record({ at: fc.nat(), remove: fc.nat(40), insert: piece }), { maxLength: 2 }).map((changes) =>
    changes.reduce<Buffer>((whole, { at, remove, insert }) => {
      const place = at % (whole.length + 1);
      return Buffer.concat([whole.subarray(0, place), insert, whole.subarray(place + remove)]);
    }, Buffer.from(real)),
  );
const output = (real: string) =>
  fc.oneof(
    mutated(real),
    fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.concat(pieces)),
  );
const chunkSize = fc.integer({ min: 1, max: 64 });

test("what git says of blobs is read the same in whatever chunks it comes, or refused", async () => {
  const seen = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(output(blobs), chunkSize, async (bytes, size) => {
      const found = await readBlobs(bytes, size);
      expect(await readBlobs(bytes, bytes.length + 1)).toEqual(found);
      seen.add(found !== undefined);
    }),
    RUNS,
  );
  expect(seen.size).toBe(2); // else little was tried
});

test("from patches come names of functions, at most 20 a file and 120 characters each, whatever the patches hold", async () => {
  await fc.assert(
    fc.asyncProperty(output(patch), chunkSize, async (bytes, size) => {
      const found = await readNames(bytes, size);
      expect(await readNames(bytes, bytes.length + 1)).toEqual(found);
      for (const names of [...(found?.functions.values() ?? [])].flat()) {
        expect(names.length).toBeLessThanOrEqual(20);
        expect(names.filter((name) => name === "" || name.length > 120)).toEqual([]);
        expect(JSON.parse(JSON.stringify(names))).toEqual(names);
      }
    }),
    RUNS,
  );
});

/** As git's own `unquote_c_style`. */
function bytesOf(text: string): Buffer {
  if (!text.startsWith('"')) return Buffer.from(text);
  const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };
  const parts = text.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\])/gs);
  return Buffer.from(
    Array.from(parts, ([, octal, escape = "", plain = ""]) =>
      octal === undefined ? (escapes[escape] ?? plain.charCodeAt(0)) : Number.parseInt(octal, 8),
    ),
  );
}

test("a path of any bytes becomes a text from which they can be had back", () => {
  const pathBytes = fc.oneof(
    anyBytes,
    fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(pathBytes, (bytes) => {
      expect(bytesOf(pathText(bytes)).equals(bytes)).toBe(true);
    }),
    RUNS,
  );
});
