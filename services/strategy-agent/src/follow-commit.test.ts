import type { Envelope } from "@contextpilot/events";
import { Stage, scenario, timeOf } from "@contextpilot/testing";
import { handlers } from "./handlers.ts";
import { commit, commits, fileOf, type Update } from "./updates.fixture.ts";

const strategy = scenario("strategy-agent", handlers);

/** `hotspot a.ts` an insight, `refactor a.ts` a proposal. */
const saying = (said: readonly Envelope[]): readonly string[] =>
  said.map(({ data }) => {
    const { rule, type, files } = data as { rule?: string; type?: string; files: readonly string[] };
    return [rule ?? type, ...files].join(" ");
  });

test("a deep file that changes often is a hotspot once, not with every further commit", () =>
  strategy
    .given(...commits(4, ["a.ts"]))
    .when(commit("11:00", ["a.ts"]), ...commits(5, ["a.ts"], { day: "2026-03-03" }))
    .expect((said) => {
      expect(saying(said)).toEqual(["hotspot a.ts"]);
      expect(said[0]).toMatchObject({
        event_type: "strategy.insight.v1",
        user_id: "ada",
        data: {
          title: "a.ts is a hotspot: 5 recent changes × 600 levels of indentation",
          severity: "medium",
          commit_hash: "11:00",
          evidence: { score: 2998, threshold: 2000, recent_changes: 5, changes: 5, indentation_complexity: 600 },
        },
      });
    }));

test("four changes are none too many, and neither are twenty of a flat file", () =>
  strategy
    .given()
    .when(...commits(4, ["a.ts"]), ...commits(20, [fileOf("flat.ts", { indentation_complexity: 40 })]))
    .expect((said) => expect(saying(said)).toEqual([])));

test("what declares or marks up is no hotspot, however deep: there is no logic to take apart", () =>
  strategy
    .given()
    .when(...commits(20, ["types/route.d.ts", "web/room.html", "web/site.scss"]))
    .expect((said) => expect(saying(said).filter((one) => !one.startsWith("coupling"))).toEqual([])));

test("a hotspot that was quiet for two months is told of again when it comes back", () =>
  strategy
    .given(...commits(5, ["a.ts"]))
    .when(...commits(5, ["a.ts"], { day: "2026-05-02" }))
    .expect((said) => expect(saying(said)).toEqual(["hotspot a.ts"])));

test("one that rests for some weeks stays the same finding", () =>
  strategy
    .given(...commits(5, ["a.ts"]))
    .when(...commits(2, ["a.ts"], { day: "2026-03-27" }), ...commits(2, ["a.ts"], { day: "2026-04-20" }))
    .expect((said) => expect(saying(said)).toEqual([])));

test("a hotspot that was taken apart may become one again", () =>
  strategy
    .given(...commits(5, ["a.ts"]), commit("11:00", [fileOf("a.ts", { indentation_complexity: 100 })]))
    .when(commit("12:00", ["a.ts"]))
    .expect((said) => expect(saying(said)).toEqual(["hotspot a.ts"])));

test("a hotspot over the upper threshold is proposed to be taken apart, with what changes along", () =>
  strategy
    .given(...commits(10, ["src/a.ts", fileOf("src/b.ts", { indentation_complexity: 20 })]))
    .when(...commits(6, ["src/a.ts"], { day: "2026-03-03" }))
    .expect((said) => {
      expect(saying(said)).toEqual(["refactor src/a.ts src/b.ts"]);
      expect(said[0]).toMatchObject({
        event_type: "proposal.created.v1",
        user_id: "ada",
        data: {
          type: "refactor",
          repository: "shop",
          title: "Take src/a.ts apart",
          reason: expect.stringContaining(
            "a hotspot score of 8263, where 8000 is much. src/b.ts changes with it: 83 %.",
          ),
          files_affected: 2,
          impact: "medium",
          user_id: "ada",
          revision: 1,
        },
      });
      expect(said[0]?.data).not.toHaveProperty("patch");
    }));

test("files that change together are told of at the fifth time", () =>
  strategy
    .given(...commits(4, ["src/cart.ts", "api/price.ts"].map(flat)))
    .when(
      commit("11:00", ["src/cart.ts", "api/price.ts"].map(flat)),
      ...commits(9, ["src/cart.ts", "api/price.ts"].map(flat), { day: "2026-03-03" }),
    )
    .expect((said) => {
      expect(saying(said)).toEqual(["coupling src/cart.ts api/price.ts"]);
      expect(said[0]?.data).toMatchObject({
        severity: "high",
        evidence: {
          shared_changes: 5,
          degree_percent: 100,
          threshold_percent: 50,
          changes_of_first: 5,
          changes_of_second: 5,
        },
      });
    }));

const flat = (path: string) => fileOf(path, { indentation_complexity: 10 });

test("two files that mostly change alone are no pair", () =>
  strategy
    .given(...commits(11, [flat("a.ts")]))
    .when(...commits(5, ["a.ts", "b.ts"].map(flat), { day: "2026-03-03" }))
    .expect((said) => expect(saying(said)).toEqual([])));

test.each<[string, [string, string], boolean]>([
  ["two halves of one thing", ["src/parser.c", "include/parser.h"], false],
  ["a folder's index and what is in it", ["lib/index.js", "lib/http/request.js"], false],
  ["an index and what is elsewhere", ["lib/index.js", "bin/start.js"], true],
])("%s: %j change together eight times, told: %j", (_what, paths, isTold) =>
  strategy
    .given()
    .when(...commits(8, paths.map(flat)))
    .expect((said) => expect(said).toHaveLength(isTold ? 1 : 0)),
);

test("in one folder files belong together: they are told of at the tenth time, if hardly one changes alone", async () => {
  const pair = ["lib/a.ts", "lib/b.ts"].map(flat);
  await strategy
    .given(...commits(9, pair))
    .when(commit("11:00", pair))
    .expect((said) => expect(said).toMatchObject([{ data: { rule: "coupling", severity: "low" } }]));
  await strategy
    .given(...commits(12, ["lib/a.ts"].map(flat)))
    .when(...commits(12, pair, { day: "2026-03-03" }))
    .expect((said) => expect(saying(said)).toEqual([]));
});

test("five wide commits tie no two of their files, nor do five of half a year ago", async () => {
  const pair = ["web/a.ts", "api/b.ts"].map(flat);
  await strategy
    .given()
    .when(...commits(5, [...pair, ...numbered(24).map((path) => flat(path))]))
    .expect((said) => expect(saying(said)).toEqual([]));
  await strategy
    .given()
    .when(...commits(5, pair, { committed_at: "2025-09-01T10:00:00Z" }))
    .expect((said) => expect(saying(said)).toEqual([]));
});

test("a pair that had grown apart and comes together again is told of again", () =>
  strategy
    .given(...commits(5, ["w/a.ts", "b.ts"].map(flat)), ...commits(18, [flat("w/a.ts")], { day: "2026-03-03" }))
    .when(...commits(9, ["w/a.ts", "b.ts"].map(flat), { day: "2026-03-04" }))
    .expect((said) => expect(saying(said)).toEqual(["coupling w/a.ts b.ts"])));

test("a file that one person alone has changed is told of once, where others work too", async () => {
  const others = commits(5, [flat("other.ts")], { author_id: "bob" });
  const own = commits(14, [flat("a.ts")], { day: "2026-03-03" });
  await strategy
    .given(...others)
    .when(...own)
    .expect((said) => {
      expect(saying(said)).toEqual(["sole-author a.ts"]);
      expect(said[0]?.data).toMatchObject({ evidence: { changes: 10, threshold: 10, lines: 300, others_percent: 33 } });
    });
  await strategy
    .given()
    .when(...own)
    .expect((said) => expect(saying(said)).toEqual([]));
  await strategy
    .given(...others, commit("2026-03-02T12:00", [flat("a.ts")], { author_id: "bob" }))
    .when(...own)
    .expect((said) => expect(saying(said)).toEqual([]));
});

test("a history moves along with its file", () =>
  strategy
    .given(...commits(4, ["a.ts"]))
    .when(commit("11:00", [fileOf("src/b.ts", { status: "renamed", previous_path: "a.ts" })]))
    .expect((said) => expect(saying(said)).toEqual(["hotspot src/b.ts"])));

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `${index}.ts`);

test("a commit over more than 30 files is no change of any, one over 30 is", async () => {
  await strategy
    .given()
    .when(...commits(8, numbered(31)))
    .expect((said) => expect(saying(said)).toEqual([]));
  await strategy
    .given()
    .when(...commits(5, numbered(30)))
    .expect((said) => expect(said).not.toEqual([]));
});

test("three insights and one proposal at once are enough; the others come with the next change", () =>
  strategy
    .given(
      ...commits(20, ["a.ts", "b.ts"], { origin: "import" }),
      ...commits(20, ["c.ts", "d.ts"], { origin: "import", day: "2026-03-03" }),
    )
    .when(
      commit("2026-03-04T10:00", ["a.ts", "b.ts", "c.ts", "d.ts"]),
      commit("2026-03-04T11:00", ["a.ts", "b.ts", "c.ts", "d.ts"]),
    )
    .expect((said, outcomes) => {
      expect(saying(said)).toHaveLength(8);
      expect(new Set(saying(said)).size).toBe(8);
      expect(outcomes).toMatchObject([{ published: { length: 4 } }, { published: { length: 4 } }]);
    }));

test("the hottest is told of first", () => {
  const files = [600, 1300, 900].map((indentation_complexity) =>
    fileOf(`${indentation_complexity}.ts`, { indentation_complexity }),
  );
  return strategy
    .given(...commits(5, files, { origin: "import" }))
    .when(commit("12:00", files))
    .expect((said) =>
      expect(saying(said).filter((one) => one.startsWith("hotspot"))).toEqual([
        "hotspot 1300.ts",
        "hotspot 900.ts",
        "hotspot 600.ts",
      ]),
    );
});

test.each<[string, Partial<Update>]>([
  ["imported history", { origin: "import" }],
  ["what an agent applied", { proposal_id: "cp_042" }],
  ["an agent's branch", { branch: "agent/refactor-auth" }],
])("%s is remembered in silence, and told of with the next commit of somebody's own", (_what, over) =>
  strategy
    .given()
    .when(...commits(20, ["a.ts"], over), commit("12:00", ["a.ts"]))
    .expect((said) => {
      expect(saying(said)).toEqual(["hotspot a.ts", "refactor a.ts"]);
      expect(said.map(({ timestamp }) => timestamp)).toEqual([timeOf("12:00"), timeOf("12:00")]);
    }),
);

test("a merge repeats what its commits brought, and counts as nothing", () =>
  strategy
    .given()
    .when(...commits(20, ["a.ts"], { is_merge: true }), commit("12:00", ["a.ts"]))
    .expect((said) => expect(saying(said)).toEqual([])));

test("commits of long ago that are pushed today make no hotspot of today", () =>
  strategy
    .given()
    .when(...commits(20, ["a.ts"], { committed_at: "2024-03-02T10:00:00Z" }))
    .expect((said) => expect(saying(said)).toEqual([])));

test("a commit from the future is one of now", () =>
  strategy
    .given()
    .when(
      ...commits(4, ["a.ts"], { committed_at: "2999-01-01T00:00:00Z" }),
      ...commits(2, ["a.ts"], { day: "2026-09-01" }),
    )
    .expect((said) => expect(saying(said)).toEqual([])));

test("repositories have histories of their own", () =>
  strategy
    .given(...commits(4, ["a.ts"]))
    .when(...commits(4, ["a.ts"], { repository: "fork", day: "2026-03-03" }))
    .expect((said) => expect(saying(said)).toEqual([])));

test("the same commit has the same insight, whoever handles it", async () => {
  const [one, other] = [new Stage("strategy-agent", handlers), new Stage("strategy-agent", handlers)];
  for (const told of commits(5, ["a.ts"])) for (const stage of [one, other]) await stage.tell(told);
  expect(await one.redeliver()).toMatchObject({ kind: "handled", duplicate: true });
  expect(other.publisher.events).toHaveLength(1);
  expect(other.publisher.events[0]?.event_id).toBe(one.publisher.events[0]?.event_id);
});

test("a commit that names its paths only, or no code, is nothing to follow", () =>
  strategy
    .given()
    .when(
      commit("10:00", [], { files_changed: ["src/auth.py"], files_total: 1 }),
      commit("10:01", [fileOf("README.md", { kind: "docs" })]),
    )
    .expect((said, outcomes) => {
      expect(said).toEqual([]);
      expect(outcomes).toMatchObject([{ note: "changes no code" }, { note: "changes no code" }]);
    }));
