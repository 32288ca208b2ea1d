import * as fc from "fast-check";
import { GitError } from "./git-error.ts";
import { parseCommits, type RawCommit } from "./parse-commits.ts";

/** A failure names its seed and path: give them to fc.assert to see it again. */
const RUNS = { numRuns: 2_000 };
const [HASH, BLOB] = ["a".repeat(40), "b".repeat(40)];
const header = `commit ${HASH}\0${HASH} ${HASH}\0ada@example.org\x001767225600\0feat: a cart\n\nIt sells.\n\0\0`;
const raw = `\n:100644 100755 ${BLOB} ${BLOB} M\0a\0:100644 100644 ${BLOB} ${BLOB} R082\0old\0new\0:000000 100644 ${BLOB} ${BLOB} A\0b\0`;
const real = Buffer.from(`${header}${raw}3\t1\ta\x002\t0\t\0old\0new\0-\t-\tb\0${header}`);

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The commits; undefined where the output is refused, which is always a GitError, and soon. */
async function read(bytes: Buffer, size = 64): Promise<RawCommit[] | undefined> {
  const started = process.cpuUsage();
  try {
    const commits: RawCommit[] = [];
    for await (const commit of parseCommits(inChunks(bytes, size))) commits.push(commit);
    return commits;
  } catch (error) {
    if (error instanceof GitError && error.code === "failed") return undefined;
    throw error;
  } finally {
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000); // µs
  }
}

/** Pieces that mean something in git's output, or any bytes. */
const piece = fc.oneof(
  fc.constantFrom(
    "\0",
    "\n",
    "\t",
    "commit ",
    `commit ${HASH}\0`,
    ":",
    `:1 2 3 ${BLOB} R\0`,
    "-\t-\t",
    "1\t2\ta\0",
    header,
  ),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);

test("any bytes are commits, or refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.integer({ min: 1, max: 64 }), async (pieces, size) => {
      await read(Buffer.from(pieces.join(""), "latin1"), size);
    }),
    RUNS,
  );
});

test("git's output with changed bytes is read the same in whatever chunks it comes, or refused", async () => {
  const seen = new Set<boolean>();
  const change = fc.record({ at: fc.nat(), remove: fc.nat(60), insert: piece });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 2 }),
      fc.integer({ min: 1, max: 64 }),
      async (changes, size) => {
        const output = changes.reduce<Buffer>((whole, { at, remove, insert }) => {
          const place = at % (whole.length + 1);
          return Buffer.concat([
            whole.subarray(0, place),
            Buffer.from(insert, "latin1"),
            whole.subarray(place + remove),
          ]);
        }, real);
        const commits = await read(output, size);
        expect(await read(output, output.length + 1)).toEqual(commits);
        seen.add(commits !== undefined);
      },
    ),
    RUNS,
  );
  // Else all were right or all were wrong, and little was tried.
  expect(seen.size).toBe(2);
});

test("a commit of 20,000 files whose counts come in the wrong order is refused soon", async () => {
  const files = Array.from({ length: 20_000 }, (_, at) => `f${at}`);
  const changes = files.map((file) => `:000000 100644 ${BLOB} ${BLOB} A\0${file}\0`);
  const counts = files.toReversed().map((file) => `1\t0\t${file}\0`);
  expect(await read(Buffer.from(`${header}\n${changes.join("")}${counts.join("")}`), 65_536)).toBeUndefined();
});
