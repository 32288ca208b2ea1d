import { readFileSync } from "node:fs";
import { FILE_KINDS } from "@contextpilot/events";
import * as fc from "fast-check";
import { classifyFile } from "./classify-file.ts";
import { impactOf, KIND_WEIGHTS, type ScoredFile } from "./impact.ts";

/** Columns may be padded. */
const page = readFileSync(new URL("../../../docs/impact-score.md", import.meta.url), "utf8").replaceAll(/ +/g, " ");

const examples = [...page.matchAll(/^\| ([^|]+) \| (`[^|]+) \| (\d+\.\d) \|$/gm)].map(
  ([, commit, files = "", score]) => ({
    commit,
    score: Number(score),
    files: [...files.matchAll(/`([^`]+)` \+(\d+) -(\d+)/g)].map(([, path = "", added, removed]) => ({
      kind: classifyFile(path),
      lines: Number(added) + Number(removed),
    })),
  }),
);

test("the page has eight examples, the origin's among them", () => {
  expect(examples).toHaveLength(8);
  expect(examples[0]).toEqual({
    commit: "a refactoring of the sign-in",
    files: [{ kind: "security", lines: 180 }],
    score: 7.5,
  });
});

test.each(examples)("$commit scores $score, as the page says", ({ files, score }) => {
  expect(impactOf(files)).toBe(score);
});

test("the page's weights are the code's, the heaviest first", () => {
  const rows = [...page.matchAll(/^\| (\w+) \| (\d+) \| (\d+) \|/gm)];
  expect(rows.map(([, kind, most, half]) => [kind, { most: Number(most), half: Number(half) }])).toEqual(
    Object.entries(KIND_WEIGHTS),
  );
});

test("a commit without files scores 0", () => {
  expect(impactOf([])).toBe(0);
});

test("lines beyond the list count as the listed kind that makes the most of them", () => {
  const listed = { kind: "docs", lines: 5 } as const;
  const unlisted = { files: 0, lines: 60 };
  expect(impactOf([listed, { kind: "code", lines: 10 }], unlisted)).toBe(
    impactOf([listed, { kind: "code", lines: 70 }]),
  );
});

const file: fc.Arbitrary<ScoredFile> = fc.record({
  kind: fc.constantFrom(...FILE_KINDS),
  lines: fc.oneof(fc.nat(300), fc.nat(1_000_000)),
});
const files = fc.array(file, { maxLength: 30 });
const unlisted = fc.record({ files: fc.nat(5_000), lines: fc.nat(100_000) });

test("a score lies between 0 and 10 and has one decimal", () => {
  fc.assert(
    fc.property(files, unlisted, (files, unlisted) => {
      const score = impactOf(files, unlisted);
      return score >= 0 && score <= 10 && Number(score.toFixed(1)) === score;
    }),
  );
});

test("a file more never gives less", () => {
  fc.assert(
    fc.property(
      files,
      file,
      unlisted,
      (files, file, unlisted) => impactOf([...files, file], unlisted) >= impactOf(files, unlisted),
    ),
  );
});

test("more lines in a file never give less", () => {
  fc.assert(
    fc.property(files, file, fc.nat(10_000), unlisted, (files, file, more, unlisted) => {
      const grown = { ...file, lines: file.lines + more };
      return impactOf([...files, grown], unlisted) >= impactOf([...files, file], unlisted);
    }),
  );
});

test("more lines and files beyond the list never give less", () => {
  fc.assert(
    fc.property(files, unlisted, unlisted, (files, some, more) => {
      const all = { files: some.files + more.files, lines: some.lines + more.lines };
      return impactOf(files, all) >= impactOf(files, some);
    }),
  );
});

test("the order of the files plays no part", () => {
  const shuffled = files.chain((files) =>
    fc.tuple(fc.constant(files), fc.shuffledSubarray(files, { minLength: files.length })),
  );
  fc.assert(
    fc.property(
      shuffled,
      unlisted,
      ([files, shuffled], unlisted) => impactOf(files, unlisted) === impactOf(shuffled, unlisted),
    ),
  );
});
