import { resolveTopology } from "@contextpilot/topology";
import type { ComposeEngine } from "../composed/compose-engine.ts";
import { PROJECT, PUSH_ENDPOINT, type ComposedHouse } from "../composed/composed-house.ts";
import { ROOT, processes } from "../composed/processes.ts";
import { runContextpilot } from "../run-contextpilot.ts";

const JSON_BODY = { "content-type": "application/json" };
/** A tick that comes again would have the git-agent look for pushes before these have come again. */
const subscriptions = resolveTopology().subscriptions.filter(({ topic }) => topic !== "clock");
const ORDERED = subscriptions.filter(({ ordered }) => ordered);
const snapshotOf = (subscription: string): string => `projects/${PROJECT}/snapshots/${subscription}`;
/** They remember nothing, and stay as they are when the others' database is restored. */
const WITHOUT_MEMORY = new Set(["webhook", "push-proxy", "clock"]);

/** Whoever is on duty: what docs/operations.md has people do, in compose's form. */
export class Operator {
  readonly engine: ComposeEngine;
  readonly #house: ComposedHouse;

  constructor(house: ComposedHouse) {
    this.#house = house;
    this.engine = house.engine;
  }

  /** Every subscription keeps what comes. */
  pauseAll(): Promise<void> {
    return this.#applyTopology("none");
  }

  /** Every subscription is pushed to the house. */
  resumeAll(): Promise<void> {
    return this.#applyTopology(PUSH_ENDPOINT);
  }

  async #applyTopology(endpoint: string): Promise<void> {
    const { host } = new URL(this.#house.addresses.get("pubsub") ?? "");
    const args = ["topology", "apply", "--project", PROJECT, "--push-endpoint", endpoint];
    const { code, err } = await runContextpilot(args, { PUBSUB_EMULATOR_HOST: host });
    if (code !== 0) throw new Error(`topology apply ended with ${String(code)}: ${err}`);
  }

  /** From where {@link seekAll} can bring what ordered subscriptions have had: the emulator takes no time for these. */
  async markPlace(): Promise<void> {
    for (const { name } of ORDERED) {
      const subscription = `projects/${PROJECT}/subscriptions/${name}`;
      await this.#send("pubsub", "PUT", `/v1/${snapshotOf(name)}`, { subscription });
    }
  }

  /** What was published since the time comes again, also what was acked; of ordered subscriptions since the marked place. Not the clock's ticks. */
  async seekAll(time: Date): Promise<void> {
    for (const { name, ordered } of subscriptions) {
      const to = ordered ? { snapshot: snapshotOf(name) } : { time: time.toISOString() };
      await this.#send("pubsub", "POST", `/v1/projects/${PROJECT}/subscriptions/${name}:seek`, to);
    }
    for (const { name } of ORDERED) await this.#send("pubsub", "DELETE", `/v1/${snapshotOf(name)}`);
  }

  /** A copy of the database as it is. */
  async backUp(): Promise<void> {
    await this.#firestore("export", { export_directory: "/tmp", export_name: "backup" });
  }

  /** The database as it was backed up, and new instances of all that remember something there. For when all is paused. */
  async restore(): Promise<void> {
    await this.#house.forgetDocuments();
    await this.#firestore("import", { export_directory: "/tmp/backup/backup.overall_export_metadata" });
    const names = processes.map(({ name }) => name).filter((name) => !WITHOUT_MEMORY.has(name));
    // One half after the other: where none runs, the following of their logs ends, and the first lines after that may be missed.
    for (const half of [names.slice(0, names.length / 2), names.slice(names.length / 2)]) {
      await this.engine.compose("restart", ...half);
      await Promise.all(half.map((name) => this.#house.untilReady(name)));
    }
  }

  #firestore(verb: "export" | "import", where: object): Promise<void> {
    const database = `projects/${PROJECT}/databases/(default)`;
    return this.#send("firestore", "POST", `/emulator/v1/projects/${PROJECT}:${verb}`, { database, ...where });
  }

  async #send(emulator: string, method: string, path: string, body?: object): Promise<void> {
    const json = body && { headers: JSON_BODY, body: JSON.stringify(body) };
    const answer = await fetch(`${this.#house.addresses.get(emulator)}${path}`, { method, ...json });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  /** The ids of a process' containers that run. */
  async containersOf(name: string): Promise<readonly string[]> {
    return (await this.engine.compose("ps", "--quiet", name)).split("\n").filter(Boolean);
  }

  /** Starts a container of the image of another tag beside the one that runs; gives its id. */
  async startBeside(name: string, tag: string): Promise<string> {
    const before = await this.containersOf(name);
    // The port on this machine is the first one's.
    const engine = this.engine.with({ IMAGE_TAG: tag, COMPOSE_FILE: `${ROOT}/docker-compose.yml` });
    const scale = ["--scale", `${name}=${before.length + 1}`];
    await engine.compose("up", "--detach", "--no-deps", "--no-build", "--no-recreate", ...scale, name);
    return (await this.containersOf(name)).find((each) => !before.includes(each)) ?? "";
  }

  /** Asks a container to end, and takes it away; gives its exit code. */
  async drain(id: string): Promise<number> {
    await this.engine.docker("stop", "--time=10", id);
    const code = await this.engine.docker("inspect", "--format={{.State.ExitCode}}", id);
    await this.engine.docker("rm", id);
    return Number(code);
  }

  /** One container of a process, as the house's files have it; with further variables for compose, where there are any. */
  async deploy(name: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const scale = ["--scale", `${name}=1`];
    await this.engine.with(environment).compose("up", "--detach", "--no-deps", "--no-build", ...scale, name);
    await this.#house.untilReady(name);
  }
}
