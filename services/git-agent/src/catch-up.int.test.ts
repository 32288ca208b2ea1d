import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Envelope } from "@contextpilot/events";
import { GitRepository, Stage } from "@contextpilot/testing";

import { handlers } from "./handlers.ts";
import type { ReadableRepository } from "./readable-repository.ts";
import { ZEROS, hashesIn, noteOf, pushed, tellTicks, tick } from "./pushes.fixture.ts";

let folder: string;
let repository: GitRepository;
let configured: Record<string, ReadableRepository>;
let stage: Stage<"git-agent">;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "catch-up-"));
  repository = await GitRepository.create(join(folder, "shop.git"));
  configured = { shop: { path: repository.path, tips: [] } };
  const repositories = () => Object.keys(configured);
  stage = new Stage("git-agent", handlers({ repository: (name) => configured[name], repositories, authorKey: "key" }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tickAt = (...minutes: readonly number[]) => tellTicks(stage, ...minutes);

const said = (type: string): readonly Envelope[] =>
  stage.publisher.events.filter(({ event_type }) => event_type === type);
const pushesSaid = () => said("git.push.v1").map(({ data }) => data);

test("a push that nobody told of is read by the second tick, once, in a chain of its own", async () => {
  const [a = "", b = "", c = ""] = await repository.commitAll([{}, {}, {}]);
  await repository.git("update-ref", "refs/heads/main", a);
  await stage.tell(pushed(a));
  await repository.git("update-ref", "refs/heads/main", c);

  await tickAt(1, 2, 3, 4);

  expect(hashesIn(stage.publisher.events)).toEqual([a, b, c]);
  const [push] = said("git.push.v1");
  expect(push).toMatchObject({
    source: "git-agent",
    data: { repository: "shop", ref: "refs/heads/main", before: a, after: c },
  });
  expect(push?.correlation_id).toBe(push?.event_id);
  expect(said("git.push.v1")).toHaveLength(1);
});

test("new branches are caught up with, where they are new; deleted ones too", async () => {
  const [a = ""] = await repository.commitAll([{}, {}]);
  const old = await repository.commit({ branch: "old", parents: [a] });
  configured = { shop: { path: repository.path, tips: [await repository.tip(), old] } };
  const fresh = await repository.commit({ branch: "fresh", parents: ["main"] });

  await tickAt(1, 2);
  expect(hashesIn(stage.publisher.events)).toEqual([fresh]);
  await repository.git("branch", "--quiet", "-D", "fresh");
  await tickAt(3, 4);
  expect(pushesSaid()).toMatchObject([
    { ref: "refs/heads/fresh", before: ZEROS, after: fresh },
    { ref: "refs/heads/fresh", before: fresh, after: ZEROS },
  ]);
});

test("of a clone the remote's branches are looked at, and not its own", async () => {
  const clone = await GitRepository.create(join(folder, "clone"), { bare: false });
  const [a = "", b = ""] = await repository.commitAll([{}, {}]);
  await repository.git("update-ref", "refs/heads/main", a);
  await clone.git("remote", "add", "origin", repository.path);
  await clone.git("remote", "add", "upstream", repository.path);
  await clone.git("fetch", "--quiet", "--all");
  await clone.git("remote", "set-head", "origin", "main");
  configured = { shop: { path: clone.path, tips: [a], remote: "origin" } };
  await repository.git("update-ref", "refs/heads/main", b);
  await clone.git("fetch", "--quiet", "--all");
  await clone.commit({ branch: "mine" });

  await tickAt(1, 2);

  expect(pushesSaid()).toMatchObject([
    { ref: "refs/heads/main", after: b },
    { ref: "refs/heads/upstream/main", after: b },
  ]);
});

describe("a hook that was not in time", () => {
  test("tells the very event that the tick has said: it has one effect", async () => {
    const [a = "", b = ""] = await repository.commitAll([{}, {}]);
    await stage.tell(pushed(a));
    await tickAt(1, 2);
    expect(await stage.tell(pushed(b, { before: a }))).toMatchObject([{ kind: "handled", duplicate: true }]);
    expect(hashesIn(said("git.commit.v1").slice(0, 2))).toEqual([a, b]);
    expect(new Set(said("git.push.v1").map(({ event_id }) => event_id)).size).toBe(1);
  });

  test("and one that tells while the tick looks: what both say is handled once", async () => {
    const [a = "", b = ""] = await repository.commitAll([{}, {}]);
    await stage.tell(pushed(a));
    await tickAt(1);
    const [hook, clock] = await Promise.all([stage.tell(pushed(b, { before: a })), stage.tell(tick(2))]);
    const handled = [...hook, ...clock].filter(
      (outcome) => outcome.kind === "handled" && outcome.event.event_type === "git.push.v1" && !outcome.duplicate,
    );
    expect(handled).toHaveLength(1);
    expect(new Set(said("git.commit.v1").map(({ event_id }) => event_id)).size).toBe(2);
  });

  test("and one whose pushes the tick saw as one: the commits are said once", async () => {
    const [a = "", b = "", c = ""] = await repository.commitAll([{}, {}, {}]);
    await stage.tell(pushed(a));
    await tickAt(1, 2); // a to c
    await stage.tell(pushed(b, { before: a }));
    await stage.tell(pushed(c, { before: b }));
    await tickAt(3, 4);
    expect(new Set(said("git.commit.v1").map(({ event_id }) => event_id)).size).toBe(3);
  });
});

test("a branch that goes to a commit, back, and there again is followed, though its pushes have one event id", async () => {
  const [a = "", b = ""] = await repository.commitAll([{}, {}]);
  const tellBoth = async (): Promise<void> => {
    await stage.tell(pushed(b, { before: a }));
    await stage.tell(pushed(a, { before: b }));
  };
  await stage.tell(pushed(a));
  await tellBoth();
  await stage.tell(pushed(b, { before: a })); // dropped: it was heard before
  await tickAt(1, 2, 3, 4, 5);
  const [tips] = await stage.store.read(["default/git-agent/tips/shop"]);
  expect(tips?.value).toMatchObject({ branches: { "refs/heads/main": b } });
  expect(said("git.push.v1")).toHaveLength(2); // as the hook did, in vain, and as a push of its own
});

test("a push that is read while a tick looks at the repositories does not keep the tick from telling", async () => {
  const [a = "", b = ""] = await repository.commitAll([{}, {}]);
  const other = await GitRepository.create(join(folder, "other.git"));
  const [first = "", ...pushes] = await other.commitAll([{}, {}, {}, {}]);
  configured = { shop: { path: repository.path, tips: [a] }, other: { path: other.path } };
  await stage.tell(pushed(first, { repository: "other" }));
  let tip = first;
  const busy: ReadableRepository = {
    branches: async () => {
      const [next = tip] = pushes.splice(0, 1);
      await stage.tell(pushed(next, { repository: "other", before: tip }));
      tip = next;
      return new Map();
    },
    use: () => Promise.reject(new Error("nobody pushes to it")),
  };
  configured["busy"] = busy;

  expect(await tickAt(1)).toMatchObject([{ kind: "handled" }]);
  await tickAt(2);
  expect(hashesIn(said("git.commit.v1"))).toContain(b);
});

test("a repository that cannot be read is noted, and holds up no other", async () => {
  const [a = "", b = ""] = await repository.commitAll([{}, {}]);
  const broken = await GitRepository.create(join(folder, "broken.git"));
  await writeFile(join(broken.path, "HEAD"), "nonsense");
  const slow = await GitRepository.create(join(folder, "gone.git"));
  await rename(slow.path, `${slow.path}.away`);
  configured = {
    broken: { path: broken.path, tips: [] },
    gone: { path: slow.path, tips: [] },
    none: { path: folder, tips: [] },
    shop: { path: repository.path, tips: [a] },
  };
  const outcomes = await tickAt(1);
  await tickAt(2);
  expect(outcomes).toMatchObject([{ kind: "handled" }]);
  for (const path of [broken.path, slow.path, folder]) expect(noteOf(outcomes)).toContain(path);
  expect(hashesIn(stage.publisher.events)).toEqual([b]);
});

test("a branch whose file is damaged is left out", async () => {
  const [a = ""] = await repository.commitAll([{}]);
  await stage.tell(pushed(a));
  const [b = ""] = await repository.commitAll([{ branch: "side", parents: [a] }]);
  await writeFile(join(repository.path, "refs", "heads", "damaged"), "not a hash\n");
  const outcomes = await tickAt(1, 2);
  expect(outcomes.every(({ kind }) => kind === "handled")).toBe(true);
  expect(hashesIn(stage.publisher.events)).toEqual([a, b]);
});

test("a repository without a commit, and a repository with names that are odd, are looked at as any other", async () => {
  const empty = await GitRepository.create(join(folder, "empty.git"));
  const odd = await GitRepository.create(join(folder, 'it\'s "my" $(shop).git'));
  const commit = await odd.commit({ branch: "füße/\"quoted'" });
  configured = { empty: { path: empty.path, tips: [] }, 'it\'s "my" $(shop)': { path: odd.path, tips: [] } };
  await tickAt(1, 2);
  expect(pushesSaid()).toMatchObject([{ repository: 'it\'s "my" $(shop)', ref: "refs/heads/füße/\"quoted'" }]);
  expect(hashesIn(stage.publisher.events)).toEqual([commit]);
});
