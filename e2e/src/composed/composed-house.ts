import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import type { RunningAgent } from "@contextpilot/cli";
import type { Envelope } from "@contextpilot/events";
import { PubsubPublisher } from "@contextpilot/pubsub";
import { until } from "@contextpilot/testing";
import type { Service } from "@contextpilot/topology";
import { EmulatedTopology } from "../emulated-topology.ts";
import { HouseApi } from "../house-api.ts";
import type { HousePlace, SuiteHouse } from "../platform-suite/suite-house.ts";
import { runContextpilot, type Ended } from "../run-contextpilot.ts";
import { ComposeEngine, engineSettings } from "./compose-engine.ts";
import { ContainerHandlings } from "./container-handlings.ts";
import { ROOT, agents, processes } from "./processes.ts";

/** Where a process, and each emulator, listens in its container. */
const INNER_PORTS: Readonly<Record<string, number>> = { pubsub: 8085, firestore: 8080 };
const PORT = 8080;
const ISSUER = `http://push-proxy:${PORT}`;
/** In the emulators. */
export const PROJECT = "e2e";
/** Where the emulator pushes to. */
export const PUSH_ENDPOINT = `${ISSUER}/push/{subscription}`;

/** The house in containers, as docker-compose.yml has it; for the tests each container is also met on this machine. */
export class ComposedHouse {
  readonly engine: ComposeEngine;
  /** Of everything that listens: its address on this machine. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly #folder: string;
  /** Those that were seen, by their ids. */
  readonly #events = new Map<string, Envelope>();
  readonly #topology: EmulatedTopology;
  readonly #publisher: PubsubPublisher;
  readonly #handlings: ContainerHandlings;
  #isStopped = false;
  #isDown = false;
  #places = 0;

  private constructor(folder: string, ports: ReadonlyMap<string, number>) {
    this.#folder = folder;
    this.addresses = new Map(Array.from(ports, ([name, port]) => [name, `http://127.0.0.1:${port}`]));
    this.engine = new ComposeEngine(
      {
        ...engineSettings(),
        ...otherImages(),
        COMPOSE_PROJECT_NAME: `contextpilot-e2e-${process.pid}`,
        COMPOSE_FILE: `${join(ROOT, "docker-compose.yml")}:${join(folder, "ports.yml")}`,
        GCP_PROJECT_ID: PROJECT,
        GIT_FOLDER: this.repositories,
        WEBHOOK_PORT: String(ports.get("webhook")),
        DASHBOARD_PORT: String(ports.get("dashboard-web")),
      },
      join(folder, ".env"),
    );
    const emulatorHost = `127.0.0.1:${ports.get("pubsub")}`;
    this.#topology = new EmulatedTopology(PROJECT, emulatorHost);
    this.#publisher = new PubsubPublisher({ projectId: PROJECT, emulatorHost });
    this.#handlings = new ContainerHandlings(
      agents.map(({ name }) => name),
      (name) => this.engine.followLog(name),
      (id) => this.#eventOf(id),
    );
  }

  /** Not up yet, with its images built; whoever prepares it takes it down. */
  static async prepare(): Promise<ComposedHouse> {
    if (!("IMAGES" in otherImages())) await buildImages();
    const folder = await mkdtemp(join(tmpdir(), "contextpilot-compose-"));
    const names = ["pubsub", "firestore", ...processes.map(({ name }) => name)];
    const ports = new Map(await freePorts(names));
    const doors = new Set(
      processes.filter(({ door }) => door === "webhooks" || door === "people").map(({ name }) => name),
    );
    const inner = names.filter((name) => !doors.has(name));
    const services = inner.map((name) => [
      name,
      { ports: [`127.0.0.1:${ports.get(name)}:${INNER_PORTS[name] ?? PORT}`] },
    ]);
    // YAML takes JSON.
    await writeFile(join(folder, "ports.yml"), JSON.stringify({ services: Object.fromEntries(services) }));
    const house = new ComposedHouse(folder, ports);
    // The git-agent reads as another user.
    await mkdir(house.repositories, { mode: 0o755 });
    return house;
  }

  get repositories(): string {
    return join(this.#folder, "repositories");
  }
  get data(): string {
    return join(this.#folder, "data");
  }

  /** As a person brings it up; with further compose files, where there are any. */
  up(...files: readonly string[]): Promise<Ended> {
    const { COMPOSE_FILE = "" } = this.engine.environment;
    const environment = { ...this.engine.environment, COMPOSE_FILE: [COMPOSE_FILE, ...files].join(":") };
    const place = ["--env", join(this.#folder, ".env"), "--data", this.data];
    return runContextpilot(["compose", ...place, "up", "--no-build"], environment);
  }

  /** The same, but that one process is told otherwise. */
  async upWith(name: string, environment: Readonly<Record<string, string>>): Promise<Ended> {
    const file = join(this.#folder, "otherwise.yml");
    await writeFile(file, JSON.stringify({ services: { [name]: { environment } } }));
    return this.up(file);
  }

  /** Takes it down. Safe to call again. */
  async down(): Promise<void> {
    if (this.#isDown) return;
    this.#isDown = true;
    await this.#handlings.close();
    await this.#publisher.close();
    await this.engine.compose("down", "--volumes", "--remove-orphans");
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** An empty place in the house that is up: nothing on the bus, nothing in the stores. */
  place(): HousePlace {
    this.#places += 1;
    return {
      repositories: this.repositories,
      data: this.data,
      beginning: new Date(Date.UTC(2026, 0, this.#places)),
      open: async () => {
        if (this.#isStopped) await this.#start();
        await this.#topology.make(PUSH_ENDPOINT);
        return this.#open();
      },
      close: async () => {
        await this.#topology.remove();
        await this.#handlings.quiet();
        await this.forgetDocuments();
        await rm(join(this.repositories, "shop.git"), { recursive: true, force: true });
      },
    };
  }

  async #open(): Promise<SuiteHouse> {
    const { WEBHOOK_SECRET: secret = "" } = parseEnv(await readFile(join(this.#folder, ".env"), "utf8"));
    return {
      door: { webhookUrl: this.#at("webhook"), secret },
      api: this.#api,
      apiUrl: this.#at("dashboard-web"),
      publisher: this.#publisher,
      agents: new Map<Service, RunningAgent>(agents.map(({ service, name }) => [service, this.#agent(service, name)])),
      issuerName: ISSUER,
      onHandling: (listener) => this.#handlings.listen(listener),
      // The proxy signs for whom the subscription is.
      push: async (subscription, body) => {
        const headers = { "content-type": "application/json" };
        const url = `${this.#at("push-proxy")}/push/${subscription}`;
        return (await fetch(url, { method: "POST", headers, body })).status;
      },
      stop: async () => {
        await this.engine.compose("stop", ...processes.map(({ name }) => name));
        this.#isStopped = true;
      },
      close: () => Promise.resolve(),
    };
  }

  async #start(): Promise<void> {
    await this.engine.compose("start", ...processes.map(({ name }) => name));
    await Promise.all(processes.map(({ name }) => this.untilReady(name)));
    this.#isStopped = false;
  }

  #agent(service: Service, name: string): RunningAgent {
    return {
      endpoint: `${this.#at(name)}/events`,
      audience: `https://${service}.local.contextpilot.example`,
      stop: async () => void (await this.engine.compose("stop", name)),
      start: async () => {
        await this.engine.compose("start", name);
        await this.untilReady(name);
      },
    };
  }

  get #api(): HouseApi {
    return new HouseApi(this.#at("dashboard-web"));
  }

  #at(name: string): string {
    return this.addresses.get(name) ?? "";
  }

  /** Waits until the process of the name is ready. */
  async untilReady(name: string): Promise<void> {
    const isReady = (): Promise<boolean> =>
      fetch(`${this.#at(name)}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(isReady, `${name} to be ready`, { withinMs: 60_000, everyMs: 100 });
  }

  /** What has been said is seen soon; what nobody could read never is. */
  async #eventOf(id: string): Promise<Envelope | undefined> {
    const look = async (): Promise<boolean> => {
      // The dashboard may be down just now.
      for (const event of await this.#api.events().catch(() => [])) this.#events.set(event.event_id, event);
      return this.#events.has(id);
    };
    if (!this.#events.has(id)) await until(look, id, { withinMs: 10_000, everyMs: 200 }).catch(() => undefined);
    return this.#events.get(id);
  }

  /** Empties the stores. */
  async forgetDocuments(): Promise<void> {
    const documents = `/emulator/v1/projects/${PROJECT}/databases/(default)/documents`;
    const { ok, status } = await fetch(`${this.#at("firestore")}${documents}`, { method: "DELETE" });
    if (!ok) throw new Error(`the Firestore emulator answered ${status} to the deletion of its documents`);
  }
}

async function buildImages(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, "scripts/containers/images.ts"), "all"]);
}

/** Images that are there already, where the surroundings name them; else they are built. */
function otherImages(): Record<string, string> {
  const { IMAGES, IMAGE_TAG } = process.env;
  return { ...(IMAGES && { IMAGES }), ...(IMAGE_TAG && { IMAGE_TAG }) };
}

/** A port of this machine each, that nobody has now. */
async function freePorts(names: readonly string[]): Promise<(readonly [string, number])[]> {
  const servers = names.map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map((server) => {
      server.close();
      return once(server, "close");
    }),
  );
  return names.map((name, at) => [name, ports[at] ?? 0] as const);
}
