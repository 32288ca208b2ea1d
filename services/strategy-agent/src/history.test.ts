import * as fc from "fast-check";
import { changeOf } from "./change.ts";
import { PAIRS_KEPT, keptPair, pairOf } from "./file-pairs.ts";
import { FILES_KEPT, type Mark } from "./followed-files.ts";
import { fileHistories, pairHistories } from "./histories.ts";
import { remember, type History } from "./history.ts";
import { insightEvent } from "./insight-event.ts";
import { refactorProposal } from "./refactor-proposal.ts";
import { coupling } from "./rules/coupling.ts";
import { hotspot } from "./rules/hotspot.ts";
import { soleAuthor } from "./rules/sole-author.ts";
import { fileOf, updateOf, type FileChange, type Update } from "./updates.fixture.ts";

const NOTHING: History = { files: [], next_id: 1, authors: [], pairs: [] };
const BEGIN = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;

/** The history after these commits, one an hour. */
function after(updates: readonly Update[], history = NOTHING, begin = BEGIN): History {
  return updates.reduce((history, update, index) => {
    const now = new Date(begin + index * HOUR);
    return remember(history, changeOf(update, now), now.getTime());
  }, history);
}

const pathsOf = ({ files }: History): readonly string[] => files.map(({ path }) => path);
const changesOf = ({ files }: History): Readonly<Record<string, number>> =>
  Object.fromEntries(files.map(({ path, changes }) => [path, changes]));
const renamed = (previous_path: string, path: string): FileChange => fileOf(path, { status: "renamed", previous_path });

test("only code is followed, and what went is not counted", () => {
  const files = [
    fileOf("a.ts"),
    fileOf("auth.ts", { kind: "security" }),
    fileOf("a.md", { kind: "docs" }),
    fileOf("a.test.ts", { kind: "test" }),
    fileOf("pnpm-lock.yaml", { kind: "generated" }),
    fileOf("package.json", { kind: "dependencies" }),
  ];
  expect(pathsOf(after([updateOf(files)]))).toEqual(["a.ts", "auth.ts"]);
  const deleted = fileOf("a.ts", { status: "deleted" });
  expect(changesOf(after([updateOf([fileOf("a.ts")]), updateOf([deleted])]))).toEqual({ "a.ts": 1 });
  expect(pathsOf(after([updateOf([fileOf("\u0001".repeat(50)), fileOf("x".repeat(254))])]))).toEqual(["x".repeat(254)]);
});

test("a history moves with its file, also where two trade places, and keeps its pairs", () => {
  const before = after([updateOf([fileOf("a.ts"), fileOf("b.ts")]), updateOf([fileOf("a.ts")])]);
  const traded = after([updateOf([renamed("a.ts", "b.ts"), renamed("b.ts", "a.ts")])], before);
  expect(changesOf(traded)).toEqual({ "b.ts": 3, "a.ts": 2 });
  expect(traded.pairs).toMatchObject([{ shared: 2 }]);
});

test("what stood where a file is moved to gives way, and a copy begins anew", () => {
  const before = after([updateOf([fileOf("a.ts")]), updateOf([fileOf("a.ts")]), updateOf([fileOf("b.ts")])]);
  expect(changesOf(after([updateOf([renamed("a.ts", "b.ts")])], before))).toEqual({ "b.ts": 3 });
  const copy = fileOf("c.ts", { status: "copied", previous_path: "a.ts" });
  expect(changesOf(after([updateOf([copy])], before))).toEqual({ "a.ts": 2, "b.ts": 1, "c.ts": 1 });
});

test("a commit over more than 30 files moves and measures what is followed, and counts as no change", () => {
  const before = after([updateOf([fileOf("a.ts"), fileOf("b.ts")])]);
  const others = Array.from({ length: 29 }, (_, index) => fileOf(`other-${index}.ts`));
  const sweeping = updateOf([renamed("a.ts", "c.ts"), fileOf("b.ts", { indentation_complexity: 7 }), ...others]);
  const swept = after([sweeping], before);
  expect(changesOf(swept)).toEqual({ "c.ts": 1, "b.ts": 1 });
  expect(swept.files.map(({ complexity }) => complexity)).toEqual([7, 600]);
  expect(swept.pairs).toEqual(before.pairs);
  expect(
    pathsOf(after([{ ...sweeping, changes: sweeping.changes.slice(0, 30), files_changed: [], files_total: 30 }])),
  ).toHaveLength(30);
});

test("of more files than are kept, those go whose changes weigh least, and their pairs with them", () => {
  const busy = Array.from({ length: 3 }, () => updateOf([fileOf("busy.ts"), fileOf("partner.ts")]));
  const once = Array.from({ length: FILES_KEPT + 20 }, (_, index) => updateOf([fileOf(`once-${index}.ts`)]));
  const full = after([...busy, ...once]);
  expect(full.files).toHaveLength(FILES_KEPT);
  expect(pathsOf(full)).toEqual(expect.arrayContaining(["busy.ts", "partner.ts", `once-${FILES_KEPT + 19}.ts`]));
  expect(pathsOf(full)).not.toContain("once-0.ts");

  // Half a year later what was busy is not any more.
  const later = BEGIN + 4000 * HOUR;
  const forgotten = after(
    once.map((update, index) => ({ ...update, changes: [fileOf(`later-${index}.ts`), fileOf(`beside-${index}.ts`)] })),
    full,
    later,
  );
  expect(pathsOf(forgotten)).not.toContain("busy.ts");
  const ids = new Set(forgotten.files.map(({ id }) => id));
  expect(forgotten.pairs.filter(({ a, b }) => !ids.has(a) || !ids.has(b))).toEqual([]);
});

test("of more pairs than are kept, a large commit's go first: each of them says little", () => {
  const close = updateOf([fileOf("a.ts"), fileOf("b.ts")]);
  const wide = Array.from({ length: 4 }, (_, wave) =>
    updateOf(Array.from({ length: 30 }, (_, index) => fileOf(`wide-${wave}-${index}.ts`))),
  );
  const { files, pairs } = after([close, ...wide]);
  expect(pairs).toHaveLength(PAIRS_KEPT);
  const [a, b] = ["a.ts", "b.ts"].map((path) => files.find((file) => file.path === path)?.id);
  expect(pairs).toContainEqual(expect.objectContaining({ a, b, shared: 1 }));
});

test("whatever is committed, the history stays bounded and whole", () => {
  const path = fc.oneof(
    fc.constantFrom("a.ts", "b.ts", "src/a.ts", "x".repeat(300)),
    fc.string({ minLength: 1, maxLength: 4 }),
  );
  const file = fc.record({
    path,
    previous_path: path,
    status: fc.constantFrom("added", "modified", "renamed", "copied", "deleted" as const),
    kind: fc.constantFrom("code", "security", "docs" as const),
    indentation_complexity: fc.nat(5000),
  });
  const update = fc.record({
    files: fc.array(file, { maxLength: 35 }),
    author_id: fc.constantFrom("ada", "bob", "unknown", "z".repeat(65)),
    committed_at: fc.constantFrom("2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "1800-01-01T00:00:00Z", "no time"),
  });
  fc.assert(
    fc.property(fc.array(update, { maxLength: 25 }), (updates) => {
      const history = after(
        updates.map(({ files, ...over }) =>
          updateOf(
            files.map((each) => fileOf(each.path, each)),
            over,
          ),
        ),
      );
      expect(history.files.length).toBeLessThanOrEqual(FILES_KEPT);
      expect(history.pairs.length).toBeLessThanOrEqual(PAIRS_KEPT);
      expect(new Set(pathsOf(history)).size).toBe(history.files.length);
      expect(new Set(history.files.map(({ id }) => id)).size).toBe(history.files.length);
      for (const { a, b, shared } of history.pairs) {
        expect(a).toBeLessThan(b);
        const ofBoth = history.files.filter(({ id }) => id === a || id === b);
        expect(ofBoth.every(({ changes }) => changes >= shared)).toBe(true);
      }
      // As the store gives it back.
      const { pairs, ...known } = history;
      expect(fileHistories.of("shop").parse(JSON.parse(JSON.stringify(known)))).toMatchObject(known);
      const kept = pairHistories
        .of("shop")
        .parse({ pairs: pairs.map(keptPair) })
        .pairs.map(pairOf);
      expect(kept).toEqual(pairs.map((pair) => ({ ...pair, weight: expect.closeTo(pair.weight, 4) })));
    }),
    { numRuns: 60 },
  );
});

const weightsOf = (times: readonly string[]): readonly number[] =>
  after(times.map((committed_at) => updateOf([fileOf("a.ts")], { committed_at }))).files.map(({ weight }) => weight);

test("the order of two commits plays no part in how much their files weigh", () => {
  const times = ["2025-11-02T00:00:00Z", "2025-12-24T00:00:00Z", "2025-12-30T00:00:00Z"];
  const [weight = 0] = weightsOf(times);
  expect(weightsOf(times.toReversed())[0]).toBeCloseTo(weight, 9);
  expect(weight).toBeLessThan(3);
});

test("a repository's documents stay below 1 MiB, however long its paths", () => {
  const author_id = "z".repeat(64);
  const updates = Array.from({ length: FILES_KEPT / 2 }, (_, index) => {
    const name = String(index).padStart(4, "0");
    // As JSON a control character takes six bytes.
    return updateOf([fileOf(`${"\u0001".repeat(40)}${name}a`), fileOf(`${"語".repeat(80)}${name}b`)], { author_id });
  });
  const { pairs, ...known } = after(updates);
  expect(known.files).toHaveLength(FILES_KEPT);
  expect(Buffer.byteLength(JSON.stringify(known))).toBeLessThan(512 * 1024);
  expect(Buffer.byteLength(JSON.stringify(pairs.map(keptPair)))).toBeLessThan(512 * 1024);
});

test("whatever the numbers and the paths, what is said is as its event says", () => {
  const file = fc.record({
    id: fc.nat(),
    path: fc.string({ unit: "binary", minLength: 100, maxLength: 250 }),
    changes: fc.integer({ min: 10, max: 1_000_000 }),
    weight: fc.double({ min: 4, max: 1_000_000, noNaN: true }),
    at: fc.constant(BEGIN),
    lines: fc.integer({ min: 100, max: 1_000_000 }),
    complexity: fc.integer({ min: 2000, max: 100_000_000 }),
    author: fc.constant("ada"),
    told: fc.constant<Mark[]>([]),
  });
  const update = updateOf([]);
  fc.assert(
    fc.property(file, file, (a, other) => {
      const b = { ...other, path: `${other.path}2` };
      const pair = { a: 1, b: 2, shared: Math.min(a.changes, b.changes), weight: 1, at: BEGIN, told: false };
      const findings = [
        hotspot(a, BEGIN),
        coupling({ pair, a, b }, BEGIN),
        soleAuthor(a, [{ id: "bob", weight: 1, at: BEGIN }], BEGIN),
      ];
      const titles = findings.flatMap((finding) => (finding ? [insightEvent(finding, update).data.title] : []));
      expect(titles.filter((title) => !title.isWellFormed())).toEqual([]);
      expect(findings[0]?.rule).toBe("hotspot");
      expect(findings[2]?.rule).toBe("sole-author");
      const partners = Array.from({ length: 9 }, () => ({ pair, a, b }));
      expect(refactorProposal(a, partners, update, BEGIN).data.files).toHaveLength(6);
    }),
  );
});
