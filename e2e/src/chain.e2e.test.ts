import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Handling } from "@contextpilot/cli";
import type { Envelope } from "@contextpilot/events";
import { GitRepository, until } from "@contextpilot/testing";
import type { Service } from "@contextpilot/topology";
import { openHouse, type OpenHouse } from "./open-house.ts";
import { sendPush, type Push } from "./pushes.ts";

let folder: string;
let repository: GitRepository;
let open: OpenHouse | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-chain-"));
  repository = await GitRepository.create(join(folder, "shop.git"));
});
afterEach(async () => {
  await open?.house.close();
  open = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Starts the house on the data that the last one left. */
async function start(without: readonly Service[] = []): Promise<OpenHouse> {
  await open?.house.close();
  open = await openHouse(join(folder, "data"), { repositories: { shop: repository.path }, without });
  return open;
}

/** A commit that the coach has something to say about, and the push that brings it. */
async function pushOf(who: string, branch = "main"): Promise<Push> {
  const before = await repository.tip(branch).catch(() => "0".repeat(40));
  const after = await repository.commit({
    branch,
    // Nothing that users notice: a chain has its four events, and no proposal for the changelog.
    message: `refactor: what ${who} does`,
    author: { name: who, email: `${who}@example.org` },
    changes: [{ path: `src/${who}.ts`, content: `export const ${who} = 1;\n`.repeat(60) }],
  });
  return { repository: "shop", ref: `refs/heads/${branch}`, before, after };
}

async function send({ door }: OpenHouse, ...pushes: readonly Push[]): Promise<void> {
  for (const push of pushes) expect(await sendPush(door, push)).toBe(202);
}

/** Keeps how a service's deliveries of an event type end. */
function watch({ house }: OpenHouse, service: Service, type: string): readonly Envelope[] {
  const handled: Envelope[] = [];
  house.onHandling((handling: Handling) => {
    const { outcome } = handling;
    if (handling.service !== service || outcome.kind !== "handled" || outcome.duplicate) return;
    if (outcome.event.event_type === type) handled.push(outcome.event);
  });
  return handled;
}

const commitOf = (event: Envelope): unknown => (event.data as { commit_hash?: unknown }).commit_hash;
const peopleOf = (events: readonly Envelope[]) => new Set(events.map(({ user_id }) => user_id));

test("while one agent is down the others go on, and it catches up", async () => {
  const pushes = [await pushOf("ada"), await pushOf("bob"), await pushOf("cleo")];
  const house = await start(["coach-agent"]);
  await send(house, ...pushes);
  const updates = await house.api.untilEvents("context.update", 3);
  expect(updates.map(commitOf)).toEqual(expect.arrayContaining(pushes.map(({ after }) => after)));
  expect(await house.api.events("coach.nudge")).toEqual([]);

  const again = await start();
  const nudges = await again.api.untilEvents("coach.nudge", 3);
  expect(peopleOf(nudges)).toEqual(peopleOf(updates));
  expect(new Set(nudges.map(({ parent_event_id }) => parent_event_id))).toEqual(
    new Set(updates.map(({ event_id }) => event_id)),
  );
  expect(await again.api.events()).toHaveLength(12);
});

test("a chain says of each agent what it made of an event, and of one that is down that the event waits", async () => {
  const house = await start(["coach-agent"]);
  await send(house, await pushOf("ada"));
  const [update] = await house.api.untilEvents("context.update", 1);
  const handlings = async ({ api }: OpenHouse): Promise<readonly object[]> => {
    const path = `/api/chains/${update?.correlation_id}`;
    const { items } = await api.get<{ items: { event: Envelope; handlings: object[] }[] }>(path);
    return items.find(({ event }) => event.event_id === update?.event_id)?.handlings ?? [];
  };
  const at = expect.any(String) as string;
  await until(async () => (await handlings(house)).some((each) => "note" in each), "the strategy-agent's handling", {
    everyMs: 50,
  });
  expect(await handlings(house)).toEqual(
    expect.arrayContaining([
      { consumer: "strategy-agent", status: "handled", at, said: [], note: "crosses no threshold" },
      { consumer: "coach-agent", status: "waits" },
    ]),
  );

  const again = await start();
  const [nudge] = await again.api.untilEvents("coach.nudge", 1);
  expect(await handlings(again)).toContainEqual({
    consumer: "coach-agent",
    status: "handled",
    at,
    said: [nudge?.event_id],
    note: null,
  });
});

test("a house that is stopped in the middle of its chains goes on where it was", async () => {
  const pushes: Push[] = [];
  for (const who of ["ada", "bob", "cleo", "dan", "eve"]) pushes.push(await pushOf(who));
  await send(await start(), ...pushes);
  const { api } = await start();
  await api.untilEvents("coach.nudge", 5);
  const events = await api.events();
  expect(events).toHaveLength(20);
  expect(new Set(events.map(({ correlation_id }) => correlation_id)).size).toBe(5);
});

test("what the agents remember outlives a restart: a measured commit, a person's pace", async () => {
  await repository.commit();
  const first = await pushOf("ada");
  const house = await start();
  await send(house, first);
  await house.api.untilEvents("coach.nudge", 1);

  const again = await start();
  const coached = watch(again, "coach-agent", "context.update.v1");
  const measured = watch(again, "context-agent", "git.commit.v1");
  const [second, others] = [await pushOf("ada"), await pushOf("bob")];
  // The first commit comes once more, on another branch; Ada's next nudge waits, Bob's does not.
  await send(again, { ...first, ref: "refs/heads/copy" }, second, others);
  const updates = await again.api.untilEvents("context.update", 3);
  await until(() => coached.length === 2 && measured.length === 3, "all of it to have been handled");
  expect(new Set(updates.map(commitOf))).toEqual(new Set([first, second, others].map(({ after }) => after)));
  const nudges = await again.api.untilEvents("coach.nudge", 2);
  const [ada, bob] = nudges;
  expect(nudges).toHaveLength(2);
  expect(ada?.user_id).toBe(updates.find((update) => commitOf(update) === first.after)?.user_id);
  expect(bob?.user_id).toBe(updates.find((update) => commitOf(update) === others.after)?.user_id);
});

test("the commits of one branch are measured in their order, also where their pushes had to wait", async () => {
  const hashes = await repository.commitAll(
    Array.from({ length: 24 }, (_, at) => ({ changes: [{ path: `${at}.md`, content: "x\n".repeat(at + 1) }] })),
  );
  const house = await start();
  const measured = watch(house, "context-agent", "git.commit.v1");
  let retries = 0;
  house.house.onHandling(({ outcome }) => (retries += outcome.kind === "retry" ? 1 : 0));
  await rename(repository.path, `${repository.path}.away`);
  for (let at = 1; at < 24; at += 2) {
    const before = hashes[at - 2] ?? "0".repeat(40);
    await send(house, { repository: "shop", ref: "refs/heads/main", before, after: hashes[at] ?? "" });
  }
  await until(() => retries > 2, "the pushes to have been tried in vain");
  await rename(`${repository.path}.away`, repository.path);
  await until(
    () => measured.length === 24,
    () => `24 commits, there were ${measured.length}`,
    { withinMs: 30_000 },
  );
  expect(measured.map(commitOf)).toEqual(hashes);
});

test("a push that the hook sends many times has one effect", async () => {
  const push = await pushOf("ada");
  const house = await start();
  await Promise.all(Array.from({ length: 5 }, () => send(house, push)));
  await house.api.untilEvents("coach.nudge", 1);
  const coached = watch(house, "coach-agent", "context.update.v1");
  const other = await pushOf("bob");
  await send(house, push, other); // once more, after its chain has ended
  await house.api.untilEvents("coach.nudge", 2);
  expect(coached.map(commitOf)).toEqual([other.after]);
  const types = (await house.api.events()).map(({ event_type }) => event_type);
  expect(types.toSorted()).toEqual(
    ["coach.nudge.v1", "context.update.v1", "git.commit.v1", "git.push.v1"].flatMap((type) => [type, type]),
  );
});

test("two authors who push at once get two chains that do not mix", async () => {
  const pushes = [await pushOf("ada", "of-ada"), await pushOf("bob", "of-bob")] as const;
  const house = await start();
  await Promise.all(pushes.map((push) => send(house, push)));
  await house.api.untilEvents("coach.nudge", 2);

  const events = await house.api.events();
  const chains = Map.groupBy(events, ({ correlation_id }) => correlation_id);
  expect(chains.size).toBe(2);
  for (const push of pushes) {
    const root = events.find(({ data }) => (data as { after?: unknown }).after === push.after);
    const chain = chains.get(root?.event_id ?? "") ?? [];
    expect(chain.map(({ event_type }) => event_type).toSorted()).toEqual([
      "coach.nudge.v1",
      "context.update.v1",
      "git.commit.v1",
      "git.push.v1",
    ]);
    const said = chain.filter((event) => event !== root);
    expect(peopleOf(said).size).toBe(1);
    expect(said.map(commitOf).filter((hash) => hash !== undefined)).toEqual([push.after, push.after]);
    const own = /of-(\w+)/.exec(push.ref)?.[1] ?? "";
    expect(JSON.stringify(said)).toContain(`src/${own}.ts`);
    expect(JSON.stringify(said)).not.toContain(own === "ada" ? "src/bob.ts" : "src/ada.ts");
  }
  expect(peopleOf(events.filter(({ user_id }) => user_id !== undefined)).size).toBe(2);
});
