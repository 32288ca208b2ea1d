import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSecrets, openDataFolder, startHouse, type Handling, type House } from "@contextpilot/cli";
import { contextUpdate, createEvent, encodeEnvelope, type Envelope } from "@contextpilot/events";
import { messageOf } from "@contextpilot/messaging";
import { until } from "@contextpilot/testing";
import { resolveTopology } from "@contextpilot/topology";
import { jsonIn, runContextpilot, type Ended } from "./run-contextpilot.ts";

let folder: string;
let house: House;
let handlings: Handling[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "contextpilot-mending-"));
  await open();
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(replayEnabled = true): Promise<void> {
  const data = openDataFolder(folder);
  const ports = { webhookPort: 0, apiPort: 0 };
  const secrets = loadSecrets(folder);
  house = await startHouse({ data, secrets, repositories: {}, ...ports, retryScale: 0.01, replayEnabled });
  handlings = [];
  house.onHandling((handling) => handlings.push(handling));
}

/** The command line, run against the house. */
const contextpilot = (...args: readonly string[]): Promise<Ended> =>
  runContextpilot([...args, "--api", house.apiUrl, "--data", folder]);

/** A change that the coach has something to say about. */
const update = (id: string): Envelope =>
  createEvent(
    contextUpdate({
      repository: "shop",
      branch: "main",
      commit_hash: id.padEnd(40, "0"),
      author_id: `author-${id}`,
      subject: "Rework the checkout",
      files_changed: ["src/checkout.ts"],
      changes: [
        {
          path: "src/checkout.ts",
          kind: "code",
          status: "modified",
          lines_added: 300,
          lines_removed: 80,
          binary: false,
          functions: [],
        },
      ],
      files_total: 1,
      lines_added: 300,
      lines_removed: 80,
      impact_score: 9.1,
      change_type: "refactor",
      breaking: false,
      is_merge: false,
      origin: "push",
    }),
    { event_id: id, source: "test", timestamp: new Date().toISOString() },
  );

const outcomesOf = (service: string, id: string): readonly string[] =>
  handlings.flatMap(({ service: of, outcome }) => {
    if (of !== service || !("event" in outcome) || outcome.event?.event_id !== id) return [];
    if (outcome.kind === "handled") return [outcome.duplicate ? "duplicate" : "handled"];
    return [outcome.kind === "skipped" ? outcome.reason : outcome.kind];
  });
const heardBy = (service: string, id: string): Promise<void> =>
  until(() => outcomesOf(service, id).length > 0, `${service} to hear ${id}`);
const feedHeard = (): number => handlings.filter(({ subscription }) => subscription === "ui-from-context").length;
const kept = () => house.feed.readModel.counts("default");
const deadLettersKept = (count: number): Promise<void> =>
  until(async () => (await kept()).dead_letters === count, `${count} dead letters`);

/** A message that nobody can read is a dead letter of each that hears its topic. */
const HEARERS = resolveTopology().subscriptions.filter(({ topic, raw }) => topic === "context-updates" && !raw).length;

test("a poisoned message is listed by its cause, shown, edited and resent, and its consumer handles it once", async () => {
  for (const poison of ["\u001b[31m{", "\u001b[32m{"]) {
    const attributes = { event_type: "context.update.v1" };
    await house.publisher.publish([{ topic: "context-updates", data: Buffer.from(poison), attributes }]);
  }
  await deadLettersKept(2 * HEARERS);

  const groupOfCoach = async (): Promise<Record<string, unknown> | undefined> =>
    jsonIn((await contextpilot("dead-letters", "list", "--json")).out).find(
      ({ consumer }) => consumer === "coach-agent",
    );
  const group = await groupOfCoach();
  expect(group).toMatchObject({ code: "invalid-json", dead_letters: 2, open: 2 });
  const ofGroup = ["--group", String(group?.["group_id"])];
  const letters = jsonIn((await contextpilot("dead-letters", "list", ...ofGroup, "--json")).out);
  const [second, first] = letters.map(({ dead_letter_id }) => String(dead_letter_id));
  const shown = await contextpilot("dead-letters", "show", first ?? "");
  expect(shown.out).toContain("coach-agent, which heard it on coach-from-context");
  expect(shown.out).toContain("1b 5b 33 31 6d 7b");
  expect(shown.out).not.toContain("\u001b");

  const file = join(folder, "letter.json");
  await writeFile(file, encodeEnvelope(update("edited")));
  for (const id of [first, second]) {
    expect(await contextpilot("dead-letters", "resend", id ?? "", file, "--by", "ada")).toEqual({
      out: "Resent 1 dead letter.",
      err: "",
      code: 0,
    });
  }
  await until(() => outcomesOf("coach-agent", "edited").length === 2, "the coach to hear both");
  expect(outcomesOf("coach-agent", "edited").toSorted((a, b) => a.localeCompare(b))).toEqual(["duplicate", "handled"]);

  expect((await contextpilot("dead-letters", "list", ...ofGroup)).out).toBe("No dead letter is open.");
  expect((await contextpilot("dead-letters", "show", first ?? "")).out).toMatch(
    /resent\n[^]*resend by ada at .*, sent as message \d+/,
  );
});

test("a replay says what was kept, counted first; the coach, which keeps state, leaves it alone", async () => {
  const events = [update("one"), update("two")];
  await house.publisher.publish(events.map((event) => messageOf(event)));
  for (const { event_id } of events) await heardBy("coach-agent", event_id);
  await until(() => feedHeard() === 2, "the feed to keep both");
  await until(async () => (await kept()).nudges === 2, "both nudges");
  const { events: before } = await kept();
  handlings.length = 0;

  const wanted = ["replay", "--type", "context.update"];
  expect((await contextpilot(...wanted, "--dry-run")).out).toBe(
    "A replay would say 2 events:\n       2  context.update.v1",
  );
  expect(feedHeard()).toBe(0);
  const { out, code } = await contextpilot(...wanted, "--json", "--by", "ada");
  expect([code, jsonIn(out)[0]]).toMatchObject([0, { events: 2, said: 2, begun_by: "ada" }]);

  for (const { event_id } of events) await heardBy("coach-agent", event_id);
  expect(events.flatMap(({ event_id }) => outcomesOf("coach-agent", event_id))).toEqual([
    "replay-not-wanted",
    "replay-not-wanted",
  ]);
  await until(() => feedHeard() === 2, "the feed to hear them again");
  expect((await kept()).events).toBe(before);

  await house.close();
  await open(false);
  expect(await contextpilot(...wanted)).toMatchObject({
    code: 1,
    err: expect.stringContaining("ENABLE_EVENT_REPLAY") as string,
  });
});
