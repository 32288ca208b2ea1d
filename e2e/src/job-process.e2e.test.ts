import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PULLED, PubsubProject, PubsubPublisher, planChanges, wantedSettings } from "@contextpilot/pubsub";
import {
  describeOn,
  firestoreEmulator,
  pubsubEmulator,
  startEmulator,
  until,
  type Emulator,
} from "@contextpilot/testing";
import { resolveTopology } from "@contextpilot/topology";
import { runProgram, type Program } from "./run-program.ts";

const JOB = new URL("job.fixture.ts", import.meta.url);
const SERVICE = "spec-agent";
const COUNTED = { lines_added: 1, lines_removed: 0, impact_score: 1 };
const UPDATE = { repository: "shop", branch: "main", subject: "fix: it", change_type: "fix", ...COUNTED };
/** What a crashed run held comes again when its lease is over. */
const LEASES_END_WITHIN_MS = 90_000;

interface Line {
  readonly message: string;
  readonly outcome?: string;
  readonly event_id?: string;
}

const linesOf = ({ lines }: Program): readonly Line[] => lines.map((line) => JSON.parse(line) as Line);
/** A run that was killed may have had no time to say so: then another finds a duplicate. */
const handledBy = (program: Program): readonly string[] =>
  linesOf(program).flatMap(({ outcome, event_id = "" }) => (outcome === "handled" ? [event_id] : []));
const begunBy = (program: Program): number => linesOf(program).filter(({ message }) => message === "begun").length;
const drainedBy = (program: Program): Line | undefined => linesOf(program).find(({ message }) => message === "drained");

test("a job that is not told enough says all that is missing, in one line, and ends with 1", async () => {
  const program = runProgram(JOB, [], { environment: { JOB_TIMEOUT_SECONDS: "10" } });
  expect(await program.ended()).toBe(1);
  expect(program.errors().trim()).toMatch(/^JOB_TIMEOUT_SECONDS is wrong: set it to the seconds .*, more than 10$/);
});

describeOn(pubsubEmulator, "a job's process, on Google's emulators,", (pubsub) => {
  let firestore: Emulator;
  let folder: string;
  let projectId: string;
  let project: PubsubProject;
  let publisher: PubsubPublisher;
  let gate: string;
  const running = new Set<Program>();

  beforeAll(async () => {
    firestore = await startEmulator(firestoreEmulator);
    folder = await mkdtemp(join(tmpdir(), "contextpilot-jobs-"));
  });
  afterAll(async () => {
    await firestore.kill("SIGTERM");
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    projectId = `job-${randomUUID()}`;
    gate = join(folder, projectId);
    const connection = { projectId, emulatorHost: pubsub().host };
    project = new PubsubProject(connection);
    publisher = new PubsubPublisher(connection);
    const { topics, subscriptions } = resolveTopology();
    const own = subscriptions.filter(({ service }) => service === SERVICE);
    // The emulator brings what was nacked again at once, whatever the retry policy, and would soon give it up.
    const wanted = wantedSettings({ topics, subscriptions: own, services: [] }, PULLED);
    const patient = wanted.subscriptions.map((each) => ({ ...each, deadLetter: undefined }));
    for (const step of planChanges({ ...wanted, subscriptions: patient }, await project.read()))
      await project.take(step);
  });
  afterEach(async () => {
    for (const program of running) await program.stop("SIGKILL");
    running.clear();
    await Promise.all([project.close(), publisher.close()]);
  });

  function start(environment: Readonly<Record<string, string>> = {}): Program {
    const program = runProgram(JOB, [], {
      environment: {
        GCP_PROJECT_ID: projectId,
        PUBSUB_EMULATOR_HOST: pubsub().host,
        FIRESTORE_EMULATOR_HOST: firestore.host,
        GATE: gate,
        ...environment,
      },
    });
    running.add(program);
    return program;
  }

  const open = (): Promise<void> => writeFile(gate, "");

  /** Commits of repositories of their own, so that none waits for another; gives their ids. */
  const commit = (count: number, message = "fix: it"): Promise<readonly string[]> =>
    say("git-events", "git.commit.v1", count, (place) => ({ repository: `shop-${place}`, branch: "main", message }));

  async function say(topic: string, event_type: string, count: number, dataOf: (place: number) => object) {
    const ids = Array.from({ length: count }, () => randomUUID());
    await publisher.publish(
      ids.map((event_id, place) => {
        const data = { commit_hash: "abc", files_changed: ["a.ts"], ...dataOf(place) };
        const event = { event_id, event_type, timestamp: new Date().toISOString(), source: "test", data };
        return { topic, data: Buffer.from(JSON.stringify(event)), attributes: { event_type } };
      }),
    );
    return ids;
  }

  /** Runs the job again and again, as the scheduler does, until all of these were handled by some run. */
  async function untilHandled(ids: readonly string[], before: Program): Promise<readonly string[]> {
    const handled = [...handledBy(before)];
    const end = performance.now() + LEASES_END_WITHIN_MS;
    while (!ids.every((id) => handled.includes(id))) {
      if (performance.now() > end) throw new Error(`only ${handled.length} of ${ids.length} were handled`);
      const next = start();
      expect(await next.ended()).toBe(0);
      handled.push(...handledBy(next));
    }
    return handled;
  }

  test("takes what waits in each of its subscriptions, says how that ended, and ends with 0", async () => {
    const commits = await commit(25);
    const updates = await say("context-updates", "context.update.v1", 5, () => UPDATE);
    const program = start();
    expect(await program.ended()).toBe(0);
    expect(program.errors()).toBe("");
    expect(handledBy(program).toSorted()).toEqual([...commits, ...updates].toSorted());
    expect(drainedBy(program)).toMatchObject({ ending: "empty", handled: 30, duplicates: 0, retried: {} });
  });

  test("killed in the middle it loses nothing: later runs take all of it", async () => {
    const ids = [...(await commit(6, "wait")), ...(await commit(6))];
    const first = start();
    await until(
      () => begunBy(first) >= 6,
      () => `the middle: ${first.errors()}`,
    );
    await first.stop("SIGKILL");
    await open();
    const handled = await untilHandled(ids, first);
    expect(new Set(handled)).toEqual(new Set(ids));
  });

  test("what fails stays for a later run, and the rest is taken", async () => {
    const [failing = ""] = await commit(1, "fail");
    const others = await commit(5);
    // On the emulator, which brings it again and again, until its time is up.
    const first = start({ JOB_TIMEOUT_SECONDS: "13" });
    expect(await first.ended()).toBe(0);
    expect(handledBy(first).toSorted()).toEqual(others.toSorted());
    expect(drainedBy(first)).toMatchObject({ handled: 5, retried: { unavailable: expect.any(Number) } });
    const second = start({ MENDED: "yes" });
    expect(await second.ended()).toBe(0);
    expect(handledBy(second)).toEqual([failing]);
  });

  test("on SIGTERM it answers what runs, leaves the rest, and ends with 0", async () => {
    const ids = await commit(30, "wait");
    const first = start();
    await until(
      () => begunBy(first) > 0,
      () => `the middle: ${first.errors()}`,
    );
    const ended = first.stop("SIGTERM");
    await until(() => linesOf(first).some(({ message }) => message === "stopping"), "the signal's line");
    await open();
    expect(await ended).toBe(0);
    expect(drainedBy(first)).toMatchObject({ ending: "told-to", handled: begunBy(first), retried: {} });
    expect(begunBy(first)).toBeLessThan(ids.length);
    expect(new Set(await untilHandled(ids, first))).toEqual(new Set(ids));
  });

  test("when its time is nearly up it takes no more, and answers what runs", async () => {
    await commit(1, "wait");
    const program = start({ JOB_TIMEOUT_SECONDS: "12" });
    await until(
      () => begunBy(program) > 0,
      () => `the middle: ${program.errors()}`,
    );
    const since = performance.now();
    await until(() => performance.now() - since > 2_500, "the 2 s that it takes for", { everyMs: 50 });
    const late = await commit(1);
    await open();
    expect(await program.ended()).toBe(0);
    expect(drainedBy(program)).toMatchObject({ ending: "time-up", handled: 1 });
    expect(handledBy(program)).not.toContain(late[0]);
  });

  test("a service that takes each delivery as it is has its job likewise", async () => {
    await commit(3);
    const program = start({ RAW: "yes" });
    expect(await program.ended()).toBe(0);
    expect(drainedBy(program)).toMatchObject({ ending: "empty", taken: 3, handled: 0 });
  });

  test("a subscription that cannot be heard is named, with 1, and holds up no other", async () => {
    await project.take({ kind: "delete", resource: "subscription", name: "spec-from-context" });
    const ids = await commit(3);
    const program = start();
    expect(await program.ended()).toBe(1);
    expect(handledBy(program).toSorted()).toEqual(ids.toSorted());
    expect(drainedBy(program)).toMatchObject({ handled: 3, unheard: ["spec-from-context"] });
    expect(linesOf(program).find(({ message }) => message === "a subscription cannot be heard")).toMatchObject({
      subscription: "spec-from-context",
      problem: expect.stringContaining("NOT_FOUND"),
    });
  });
});
