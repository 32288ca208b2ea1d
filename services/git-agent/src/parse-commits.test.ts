import { parseCommits, type RawCommit } from "./parse-commits.ts";

const HASH = "a".repeat(40);
const BLOB = "b".repeat(40);
const HEADER = `commit ${HASH}\0p1 p2\0ada@example.org\x001767225600\0feat: x\n\nbody\n\0\0`;

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  for (const byte of Buffer.from(text, "latin1")) yield Buffer.from([byte]);
}

async function parse(text: string): Promise<RawCommit[]> {
  const commits: RawCommit[] = [];
  for await (const commit of parseCommits(bytesOf(text))) commits.push(commit);
  return commits;
}

test("a commit without changes", async () => {
  expect(await parse(HEADER)).toEqual([
    {
      hash: HASH,
      parents: ["p1", "p2"],
      email: "ada@example.org",
      committedAt: 1_767_225_600,
      message: Buffer.from("feat: x\n\nbody\n"),
      changes: [],
    },
  ]);
});

test("changes have their counts, renames their old path, binaries none", async () => {
  const raw = `\n:100644 100755 ${BLOB} ${BLOB} M\0a\0:100644 100644 ${BLOB} ${BLOB} R082\0old\0new\0:000000 100644 ${BLOB} ${BLOB} A\0bin\0`;
  const counts = ["3\t1\ta", "2\t0\t", "old", "new", "-\t-\tbin"].map((token) => `${token}\0`).join("");
  const [commit] = await parse(HEADER + raw + counts);
  expect(commit?.changes).toEqual([
    { status: "M", mode: "100755", blob: BLOB, path: "a", linesAdded: 3, linesRemoved: 1, binary: false },
    {
      status: "R",
      mode: "100644",
      blob: BLOB,
      path: "new",
      previousPath: "old",
      linesAdded: 2,
      linesRemoved: 0,
      binary: false,
    },
    { status: "A", mode: "100644", blob: BLOB, path: "bin", linesAdded: 0, linesRemoved: 0, binary: true },
  ]);
});

test("a file that git does not count has counted nothing, the next ones keep theirs", async () => {
  const raw = `\n:100644 100644 ${BLOB} ${BLOB} M\0a\0:100644 100644 ${BLOB} ${BLOB} M\0b\0`;
  const [commit] = await parse(`${HEADER}${raw}4\t5\tb\0`);
  expect(commit?.changes.map((change) => [change.path, change.linesAdded, change.linesRemoved])).toEqual([
    ["a", 0, 0],
    ["b", 4, 5],
  ]);
});

test("paths and messages may look like anything", async () => {
  const odd = ["commit x", ":100644", "1\t2\tx", "\nnew\nline ", "caf\xe9"];
  const raw = odd.map((path) => `:000000 100644 ${BLOB} ${BLOB} A\0${path}\0`).join("");
  const [commit] = await parse(`${HEADER}\n${raw}${odd.map((path) => `1\t0\t${path}\0`).join("")}`);
  expect(commit?.changes.map((change) => [change.path, change.linesAdded])).toEqual(odd.map((path) => [path, 1]));
});

test("commits come one after the other", async () => {
  const raw = `\n:000000 100644 ${BLOB} ${BLOB} A\0a\x001\t0\ta\0`;
  expect((await parse(HEADER + raw + HEADER + HEADER)).map((commit) => commit.changes.length)).toEqual([1, 0, 0]);
});

test.each([
  ["a cut header", `commit ${HASH}\0p1\0`],
  ["a cut change", `${HEADER}\n:100644 100644 ${BLOB} ${BLOB} M\0`],
  ["changes of no commit", "1\t2\tx\0"],
  ["a strange line", `${HEADER}what is this\0`],
  ["counts of an unknown file", `${HEADER}1\t2\tx\0`],
])("%s is refused", async (_, text) => {
  await expect(parse(text)).rejects.toMatchObject({ name: "GitError", code: "failed" });
});
