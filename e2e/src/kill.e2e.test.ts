import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GitRepository, until } from "@contextpilot/testing";
import { HouseApi } from "./house-api.ts";
import { sendPush, type Door } from "./pushes.ts";
import { runProgram, type Program } from "./run-program.ts";

const PUSHES = 200;
const KILLS = 5;
const SENDERS = 4;

let folder: string;
const running = new Set<Program>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-kill-"));
});
afterEach(async () => {
  for (const program of running) await program.stop("SIGKILL");
  running.clear();
  await rm(folder, { recursive: true, force: true });
});

async function startHouse(
  data: string,
  repositories: object,
): Promise<{ program: Program; door: Door & { apiUrl: string } }> {
  const program = runProgram(new URL("./house-program.ts", import.meta.url), [data, JSON.stringify(repositories)]);
  running.add(program);
  return { program, door: JSON.parse(await program.line()) as Door & { apiUrl: string } };
}

/** The values that a service's store holds under keys of one kind. */
function documentsOf(data: string, service: string, kind: string): readonly unknown[] {
  const database = new DatabaseSync(join(data, `${service}.sqlite`), { readOnly: true });
  try {
    const rows = database.prepare("SELECT value FROM documents WHERE key LIKE ?").all(`default/${service}/${kind}/%`);
    return rows.map(({ value }) => JSON.parse(String(value)) as unknown);
  } finally {
    database.close();
  }
}

/** The clock's, and what the spec-agent proposes meanwhile: how often is its own affair. */
const isBeside = (record: unknown): boolean =>
  /^(?:clock|proposal)\./.test((record as { event_type: string }).event_type);

/** The events that the log says a service has handled. */
function handledBy(service: string, data: string): ReadonlySet<string> {
  const lines = readFileSync(join(data, "house.log"), "utf8").split("\n").slice(0, -1);
  const entries = lines.map((line) => JSON.parse(line) as { service: string; outcome?: string; event_id?: string });
  return new Set(
    entries.flatMap((entry) =>
      entry.service === service && entry.outcome === "handled" ? [entry.event_id ?? ""] : [],
    ),
  );
}

test("a house that is killed five times in the middle of 200 pushes measures every commit once and handles every event once", async () => {
  const repository = await GitRepository.create(join(folder, "shop.git"));
  const hashes = await repository.commitAll(
    Array.from({ length: PUSHES + 1 }, (_, index) => ({
      // Nothing that users notice: no proposals, which would be as many as the kills let them be.
      message: `refactor: change ${index}`,
      author: { name: `Author ${index}`, email: `author-${index}@example.org` },
      changes: [{ path: `src/part-${index}.ts`, content: `export const part = ${index};\n`.repeat(40) }],
    })),
  );
  const data = join(folder, "data");
  const repositories = { shop: repository.path };
  let house = await startHouse(data, repositories);

  // Four senders, each push repeated until its 202; a killer that strikes after every thirty-third.
  let accepted = 0;
  let next = 0;
  const send = async (): Promise<void> => {
    for (let index = next++; index < PUSHES; index = next++) {
      const push = {
        repository: "shop",
        ref: "refs/heads/main",
        before: hashes[index] ?? "",
        after: hashes[index + 1] ?? "",
      };
      await until(async () => (await sendPush(house.door, push)) === 202, `the 202 of push ${index}`, {
        withinMs: 120_000,
        everyMs: 25, // a house that starts needs the processor itself
      });
      accepted += 1;
    }
  };
  const kill = async (): Promise<void> => {
    for (let strike = 1; strike <= KILLS; strike += 1) {
      await until(() => accepted >= (strike * PUSHES) / (KILLS + 1), `push before strike ${strike}`, {
        withinMs: 120_000,
      });
      await house.program.stop("SIGKILL");
      house = await startHouse(data, repositories);
    }
  };
  await Promise.all([kill(), ...Array.from({ length: SENDERS }, send)]);

  const updates = await new HouseApi(house.door.apiUrl).untilEvents("context.update", PUSHES, 150_000);
  // Every commit measured, and once.
  expect(updates.map(({ data }) => (data as { commit_hash: string }).commit_hash).toSorted()).toEqual(
    hashes.slice(1).toSorted(),
  );

  const heardBy = {
    "git-agent": PUSHES,
    "context-agent": PUSHES,
    "coach-agent": PUSHES,
    "strategy-agent": PUSHES,
    "spec-agent": 2 * PUSHES, // the commits, and what was measured of them
  };
  for (const [service, heard] of Object.entries(heardBy)) {
    await until(() => handledBy(service, data).size >= heard, `${service} to have handled every event`, {
      withinMs: 90_000,
      everyMs: 100,
    });
  }
  const code = await house.program.stop("SIGTERM");
  expect([code, house.program.errors()]).toEqual([0, ""]);

  // One record a service and event beside those, and no event under a second id: nothing was handled twice or left out.
  for (const [service, heard] of Object.entries(heardBy)) {
    const records = documentsOf(data, service, "inbox").filter((record) => !isBeside(record));
    expect([service, records.length]).toEqual([service, heard]);
    expect([service, documentsOf(data, service, "failures")]).toEqual([service, []]);
  }
  expect(documentsOf(data, "context-agent", "measured")).toHaveLength(PUSHES);
}, 400_000);
