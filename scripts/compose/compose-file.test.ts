import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { parse } from "yaml";
import { readDeployments, type Deployment } from "../deployments.ts";
import { composeFile, type Topology } from "./compose-file.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(resolve(root, path), "utf8");
const deployments = readDeployments(root);
const topology = JSON.parse(read("infra/terraform/topology.json")) as Topology;

type Listener = Extract<Deployment, { concurrency: number }>;

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly [setting: string]: unknown;
}

const servicesOf = (all: readonly Deployment[] = deployments): Readonly<Record<string, Service>> =>
  (parse(composeFile(all, topology), { merge: true }) as { services: Record<string, Service> }).services;

const agent = deployments.find(({ name }) => name === "context-agent");
if (agent === undefined) throw new Error("there is no context-agent");

/** What `file` takes of .env: the variable, and the value that it has where .env leaves it out. */
const variablesIn = (file: string): ReadonlyMap<string, string> =>
  new Map(Array.from(file.matchAll(/\$\{(\w+)(?::-([^}]*))?/g), ([, name = "", otherwise = ""]) => [name, otherwise]));

test("the file is as it is generated", () => {
  expect(read("docker-compose.yml")).toBe(composeFile(deployments, topology));
});

test("every process has a container that writes nothing, gains no right, and has 10 s to end", () => {
  const services = servicesOf();
  expect(Object.keys(services)).toEqual(expect.arrayContaining(deployments.map(({ name }) => name)));
  for (const { image, ...service } of Object.values(services)) {
    expect([image, service]).toEqual([
      image,
      expect.objectContaining({
        read_only: true,
        tmpfs: ["/tmp"],
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        mem_limit: expect.stringMatching(/^\d+m$/),
      }),
    ]);
  }
  for (const { name, memoryMiB } of deployments) {
    expect(services[name]).toMatchObject({ mem_limit: `${memoryMiB}m`, stop_grace_period: "10s" });
  }
});

test("an agent that is added has its container, its audience, its pushes, and the doors wait for it", () => {
  const added = { ...agent, name: "rewards-feed", service: "rewards-engine", secrets: { REWARDS_KEY: "rewards-key" } };
  const { "rewards-feed": container, webhook } = servicesOf([...deployments, added]);
  expect(container).toMatchObject({
    image: expect.stringContaining("/rewards-feed:"),
    networks: { default: { aliases: ["rewards-engine"] } },
    environment: {
      PORT: "8080",
      PUSH_AUDIENCE: "https://rewards-engine.local.contextpilot.example",
      REWARDS_KEY: expect.stringMatching(/^\$\{REWARDS_KEY:\?/),
    },
  });
  expect(webhook?.depends_on).toMatchObject({ "rewards-feed": { condition: "service_healthy" } });
});

test("a job that is added begins again whenever it has ended, and pulls what would be pushed; nobody waits for it", () => {
  const { concurrency: _, minInstances: __, maxInstances: ___, ...once } = agent as Listener;
  const added = { ...once, name: "audit-job", service: "audit-log", door: "job", schedule: "*/5 * * * *" } as const;
  const { "audit-job": container, webhook, topology: bootstrap } = servicesOf([...deployments, added]);
  expect(container).toMatchObject({ image: expect.stringContaining("/audit-job:"), restart: "always" });
  expect(container).not.toHaveProperty("healthcheck");
  expect(container).not.toHaveProperty("environment.PUSH_AUDIENCE");
  expect(webhook?.depends_on).not.toHaveProperty("audit-job");
  expect(bootstrap?.["command"]).toEqual(expect.arrayContaining(["--pulled", "audit-log"]));
  expect(servicesOf()["topology"]?.["command"]).not.toContain("--pulled");
});

test("only doors are met from outside, on this machine alone, and each has a port of its own", () => {
  const services = servicesOf();
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
  const doors = deployments.filter(({ door }) => door === "webhooks" || door === "people");
  expect(published.map(([name]) => name)).toEqual(doors.map(({ name }) => name));
  for (const [, port] of published) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:8080$/);
  expect(new Set(published.map(([, port]) => port)).size).toBe(published.length);
});

test("what a container waits for is there", () => {
  const services = servicesOf();
  for (const { depends_on = {} } of Object.values(services)) {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      const isTask = services[name]?.["healthcheck"] === undefined;
      expect([name, condition]).toEqual([name, isTask ? "service_completed_successfully" : "service_healthy"]);
      expect(services).toHaveProperty([name]);
    }
  }
});

test(".env.example has every variable of the file and no other, with the value that it has without one", () => {
  const { COMPOSE_PROJECT_NAME, ...example } = parseEnv(read(".env.example"));
  expect(COMPOSE_PROJECT_NAME).toBe("contextpilot");
  expect(example).toEqual(Object.fromEntries(variablesIn(read("docker-compose.yml"))));
});

test("no secret has a value: where one is missing compose names it, and starts nothing", () => {
  const names = deployments.flatMap(({ secrets }) => Object.keys(secrets));
  const file = read("docker-compose.yml");
  for (const name of names) {
    expect(file).toMatch(new RegExp(`\\$\\{${name}:\\?[^}]*npm run compose -- up`));
    expect(file).not.toContain(`\${${name}:-`);
  }
});
