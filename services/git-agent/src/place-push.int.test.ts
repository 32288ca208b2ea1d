import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitRepository, Stage, type Told } from "@contextpilot/testing";
import type { BranchTips } from "./branch-tips.ts";
import { handlers } from "./handlers.ts";
import { hashesIn, noteOf, pushed, tellTicks } from "./pushes.fixture.ts";

let folder: string;
let repository: GitRepository;
let stage: Stage<"git-agent">;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "place-push-"));
  repository = await GitRepository.create(join(folder, "shop.git"));
  const shop = { path: repository.path, tips: [] };
  const repositories = { repository: () => shop, repositories: () => ["shop"] };
  stage = new Stage("git-agent", handlers({ ...repositories, authorKey: "key" }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tipOfMain = async (): Promise<unknown> => {
  const [tips] = await stage.store.read(["default/git-agent/tips/shop"]);
  return (tips?.value as BranchTips | undefined)?.branches["refs/heads/main"];
};
/** What the tick said while pushes still waited on the bus, as it comes after them. */
const caughtUp = (after: string, before: string): Told => ({ ...pushed(after, { before }), source: "git-agent" });

describe("commits have one cause, though a tick and the hook tell of the same branch:", () => {
  let a: string, b: string, c: string, d: string;
  beforeEach(async () => {
    [a = "", b = "", c = "", d = ""] = await repository.commitAll([{}, {}, {}, {}]);
    await stage.tell(pushed(a));
  });

  test("what waited on the bus when the clock ticked is not said once more", async () => {
    await stage.tell(pushed(b, { before: a }));
    await stage.tell(pushed(c, { before: b }));
    await stage.tell(caughtUp(d, a));
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d]);
  });

  test("a long push, too, goes on from where the branch stood when its turn came", async () => {
    const rest = await repository.commitAll(Array.from({ length: 60 }, () => ({})));
    await stage.tell(pushed(b, { before: a }));
    await stage.tell(caughtUp(rest.at(-1) ?? "", a));
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d, ...rest]);
  });

  test("hooks that tell after the tick say nothing, and the branch does not go back", async () => {
    await tellTicks(stage, 1, 2); // a to d
    for (const [before = "", after = ""] of [
      [a, b],
      [b, c],
    ]) {
      const outcomes = await stage.tell(pushed(after, { before }));
      expect(noteOf(outcomes)).toBe("refs/heads/main was caught up with to there");
      expect(await tipOfMain()).toBe(d);
    }
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d]);
  });

  test("hooks of two ticks ago are known as well", async () => {
    await repository.git("update-ref", "refs/heads/main", c);
    await tellTicks(stage, 1, 2); // a to c
    await repository.git("update-ref", "refs/heads/main", d);
    await tellTicks(stage, 3, 4); // c to d
    await stage.tell(pushed(b, { before: a }));
    await stage.tell(pushed(c, { before: b }));
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d]);
  });

  test("hooks of a tick before a hook that was in time are known as well", async () => {
    const e = await repository.commit({});
    await repository.git("update-ref", "refs/heads/main", c);
    await tellTicks(stage, 1, 2); // a to c
    await stage.tell(pushed(d, { before: c }));
    await repository.git("update-ref", "refs/heads/main", e);
    await tellTicks(stage, 3, 4); // d to e
    await stage.tell(pushed(b, { before: a }));
    await stage.tell(pushed(c, { before: b }));
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d, e]);
  });

  test("a push says also what was not told of before it, and who tells of that later says nothing", async () => {
    await stage.tell(pushed(c, { before: b }));
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c]);
    expect(noteOf(await stage.tell(pushed(b, { before: a })))).toBe("refs/heads/main was caught up with to there");
    await stage.tell(pushed(d, { before: c }));
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d]);
    expect(await tipOfMain()).toBe(d);
  });

  test("as long as it was, too", async () => {
    const rest = await repository.commitAll(Array.from({ length: 120 }, () => ({})));
    const [last = "", beforeLast = ""] = rest.toReversed();
    await stage.tell(pushed(last, { before: beforeLast }));
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d, ...rest]);
  });

  test("what a tick told of, and the branch has passed when its turn comes, does not set the branch back", async () => {
    for (const [before = "", after = ""] of [
      [a, b],
      [b, c],
      [c, d],
    ])
      await stage.tell(pushed(after, { before }));
    await stage.tell(caughtUp(c, a)); // its process died between the commit and the bus
    expect(await tipOfMain()).toBe(d);
    await tellTicks(stage, 1, 2); // a branch that was set back would be caught up with
    expect(hashesIn(stage.publisher.events)).toEqual([a, b, c, d]);
  });

  test("a branch set back is followed, wherever its commits were said", async () => {
    await tellTicks(stage, 1, 2); // a to d
    await stage.tell(pushed(b, { before: d, forced: true }));
    expect(await tipOfMain()).toBe(b);
  });
});

test("what was not told of and cannot be read keeps no later push, and is said when it is told of and can be read", async () => {
  const file = { path: "a", content: "a\n" };
  const [a = "", b = "", c = ""] = await repository.commitAll([{}, { changes: [file] }, {}]);
  const blob = (await repository.git("rev-parse", `${b}:a`)).trim();
  const kept = join(repository.path, "objects", blob.slice(0, 2), blob.slice(2));
  await stage.tell(pushed(a));
  await rename(kept, `${kept}.away`);

  expect(await stage.tell(pushed(c, { before: b }))).toMatchObject([{ kind: "retry" }]);
  expect(await stage.redeliver()).toMatchObject({ kind: "retry" });
  expect(await stage.redeliver()).toMatchObject({ kind: "handled" });
  expect(hashesIn(stage.publisher.events)).toEqual([a, c]);

  await rename(`${kept}.away`, kept);
  await stage.tell(pushed(b, { before: a })); // it was a dead letter
  expect(hashesIn(stage.publisher.events)).toEqual([a, c, b]);
  expect(await tipOfMain()).toBe(c);
});
