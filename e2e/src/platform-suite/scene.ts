import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunningAgent } from "@contextpilot/cli";
import type { Envelope } from "@contextpilot/events";
import { GitRepository, until } from "@contextpilot/testing";
import type { Service } from "@contextpilot/topology";
import type { DeadLetter } from "../house-api.ts";
import { sendPush, type Push } from "../pushes.ts";
import { runContextpilot, type Ended } from "../run-contextpilot.ts";
import type { HousePlace, SuiteHandling, SuiteHouse } from "./suite-house.ts";

/** What a push of one commit causes that says nothing to users: no proposal of a changelog's line. */
export const CHAIN = ["coach.nudge.v1", "context.update.v1", "git.commit.v1", "git.push.v1"];

/** A house with an empty repository called `shop`. */
export class Scene {
  readonly repository: GitRepository;
  /** How every delivery has ended, in this house and in those before it. */
  readonly handlings: SuiteHandling[] = [];
  readonly #place: HousePlace;
  #house: SuiteHouse | undefined;

  private constructor(place: HousePlace, repository: GitRepository) {
    this.#place = place;
    this.repository = repository;
  }

  /** In a place that whoever opened it closes, after the scene. */
  static async open(place: HousePlace): Promise<Scene> {
    const { repositories, beginning } = place;
    const path = join(repositories, "shop.git");
    const scene = new Scene(place, await GitRepository.create(path, beginning && { beginning }));
    await scene.start();
    return scene;
  }

  async close(): Promise<void> {
    await this.#house?.close();
    this.#house = undefined;
  }

  /** Ends everything of the house; what is on the bus and in the stores stays. */
  async stop(): Promise<void> {
    await this.#house?.stop();
    this.#house = undefined;
  }

  /** Starts a house on what the last one left. */
  async start(): Promise<void> {
    this.#house = await this.#place.open();
    this.#house.onHandling((handling) => this.handlings.push(handling));
  }

  get house(): SuiteHouse {
    if (this.#house === undefined) throw new Error("the house is stopped");
    return this.#house;
  }
  get door(): SuiteHouse["door"] {
    return this.house.door;
  }
  get api(): SuiteHouse["api"] {
    return this.house.api;
  }

  agent(service: Service): RunningAgent {
    const agent = this.house.agents.get(service);
    if (agent === undefined) throw new Error(`${service} was not started`);
    return agent;
  }

  /** The command line, run against the house. */
  contextpilot(...args: readonly string[]): Promise<Ended> {
    return runContextpilot([...args, "--api", this.house.apiUrl, "--data", this.#place.data]);
  }

  /** A commit that the coach has something to say about, and the push that brings it. */
  async pushOf(who: string, { branch = "main", message = `refactor: what ${who} does` } = {}): Promise<Push> {
    const before = await this.repository.tip(branch).catch(() => "0".repeat(40));
    const after = await this.repository.commit({
      branch,
      message,
      author: { name: who, email: `${who}@example.org` },
      changes: [{ path: `src/${who}.ts`, content: `export const ${who} = 1;\n`.repeat(60) }],
    });
    return { repository: "shop", ref: `refs/heads/${branch}`, before, after };
  }

  /** Sends them one after the other. Rejects where one is not taken. */
  async send(...pushes: readonly Push[]): Promise<void> {
    for (const push of pushes) {
      const status = await sendPush(this.door, push);
      if (status !== 202) throw new Error(`the webhook answered ${status} to ${JSON.stringify(push)}`);
    }
  }

  /** The events of a type that a service has handled, in the order in which it was done with them; duplicates left out. */
  handled(service: Service, type: string): readonly Envelope[] {
    return this.handlings.flatMap(({ service: of, outcome }) =>
      of === service && outcome.kind === "handled" && !outcome.duplicate && outcome.event?.event_type === type
        ? [outcome.event]
        : [],
    );
  }

  /** What took effect twice of the chains: a service and an event's id each. The clock's ticks may. */
  handledTwice(): readonly string[] {
    const handled = this.handlings.flatMap(({ service, outcome }) =>
      outcome.kind === "handled" && !outcome.duplicate && CHAIN.includes(outcome.event?.event_type ?? "")
        ? [`${service} ${outcome.event?.event_id}`]
        : [],
    );
    return handled.filter((one, at) => handled.indexOf(one) !== at);
  }

  /** The house's log so far, and of those before it. */
  async log(): Promise<readonly LogLine[]> {
    const text = await readFile(join(this.#place.data, "house.log"), "utf8");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Waits until there are so many, and gives all there are, the newest first. */
  async untilDeadLetters(count: number): Promise<readonly DeadLetter[]> {
    let letters: readonly DeadLetter[] = [];
    await until(
      async () => (letters = await this.api.deadLetters()).length >= count,
      () => `${count} dead letters, there were ${letters.length}`,
      { withinMs: 60_000, everyMs: 50 },
    );
    return letters;
  }

  /** How a service's deliveries of one event ended; skipped ones by their reason. */
  outcomes(service: Service, eventId: string): readonly string[] {
    return this.handlings.flatMap(({ service: of, outcome }) => {
      if (of !== service || outcome.event?.event_id !== eventId) return [];
      if (outcome.kind === "handled") return [outcome.duplicate ? "duplicate" : "handled"];
      return [outcome.reason ?? outcome.kind];
    });
  }

  /** Waits until as many events of chains were seen as so many chains have, and gives the types of all, sorted; what is said beside a chain left out. */
  async chainTypes(count: number): Promise<readonly string[]> {
    let types: readonly string[] = [];
    await until(
      async () => {
        const all = (await this.api.events()).map(({ event_type }) => event_type);
        types = all.filter((type) => CHAIN.includes(type)).toSorted();
        return types.length >= count * CHAIN.length;
      },
      () => `${count} whole chains, there were ${types.join()}`,
      { withinMs: 60_000, everyMs: 50 },
    );
    return types;
  }
}

export interface LogLine {
  readonly [field: string]: unknown;
  readonly message: string;
  readonly service: string;
  readonly why?: string;
}

/** The types of so many whole chains. */
export const chains = (count: number): readonly string[] =>
  CHAIN.flatMap((type) => Array.from({ length: count }, () => type));

export const commitOf = (event: Envelope): unknown => (event.data as { commit_hash?: unknown }).commit_hash;
export const peopleOf = (events: readonly Envelope[]) => new Set(events.map(({ user_id }) => user_id));
