import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextUpdate, createEvent, type Envelope } from "@contextpilot/events";
import { messageOf } from "@contextpilot/messaging";
import { until } from "@contextpilot/testing";
import { openDataFolder } from "./data-folder.ts";
import { openEmbedded } from "./embedded-platform.ts";
import type { Handling } from "./run-agent.ts";
import { loadSecrets } from "./secrets.ts";
import { startHouse, type House, type HouseOptions } from "./start-house.ts";

let folder: string;
let house: House | undefined;
let handlings: Handling[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "contextpilot-house-"));
});
afterEach(async () => {
  await house?.close();
  house = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<HouseOptions> = {}): Promise<House> {
  await house?.close();
  const ports = { webhookPort: 0, apiPort: 0, retryScale: 0.01 };
  const data = openDataFolder(folder);
  house = await startHouse({ data, secrets: loadSecrets(folder), repositories: {}, ...ports, ...options });
  handlings = [];
  house.onHandling((handling) => handlings.push(handling));
  return house;
}

/** A change that the coach has something to say about. */
const update: Envelope = createEvent(
  contextUpdate({
    repository: "shop",
    branch: "main",
    commit_hash: "a".repeat(40),
    author_id: "ada",
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
        lines_total: 900,
        indentation_complexity: 900,
        functions: [],
      },
    ],
    files_total: 1,
    lines_added: 300,
    lines_removed: 80,
    impact_score: 9,
    change_type: "refactor",
    breaking: false,
    is_merge: false,
    origin: "push",
  }),
  { event_id: "u1", source: "context-agent", timestamp: new Date().toISOString(), trace_id: "trace-7" },
);

const isDone = (...services: readonly string[]): boolean =>
  services.every((name) =>
    handlings.some(
      ({ service, outcome }) => service === name && outcome.kind === "handled" && outcome.event.event_id === "u1",
    ),
  );
const linesOfLog = (): readonly Record<string, unknown>[] =>
  readFileSync(join(folder, "house.log"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("a trace finds the lines of its chain: who handled what, and each event that was said, with the names in its data", async () => {
  const { publisher } = await start();
  await publisher.publish([messageOf(update)]);
  await until(() => isDone("coach-agent", "strategy-agent"), "both handlings", { everyMs: 20 });
  await house?.close();

  const lines = linesOfLog().filter(({ trace_id }) => trace_id === "trace-7");
  expect(lines.filter(({ outcome }) => outcome === "handled").map(({ service }) => service)).toEqual(
    expect.arrayContaining(["coach-agent", "strategy-agent"]),
  );
  expect(lines.filter(({ event }) => event === "event_published")).toMatchObject([
    {
      service: "coach-agent",
      event_type: "coach.nudge.v1",
      correlation_id: "u1",
      topic: "coach-nudges",
      subscriber_count: 1,
      payload_keys: expect.arrayContaining(["nudge_id", "why_now"]) as string[],
    },
  ]);
});

test("what is not enabled waits on the bus, and is handled by a start with it", async () => {
  const { publisher } = await start({ enabledFamilies: new Set(["git.push", "git.commit"]) });
  await publisher.publish([messageOf(update)]);
  await until(async () => (await house?.feed.readModel.counts("default"))?.events === 1, "the feed", { everyMs: 20 });
  expect(handlings.filter(({ outcome }) => outcome.kind !== "taken")).toEqual([]);

  await start();
  await until(() => isDone("coach-agent", "strategy-agent"), "both handlings", { everyMs: 20 });
});

async function ready(service: "coach-agent" | "dashboard"): Promise<unknown> {
  const endpoint = house?.agents.get(service)?.endpoint ?? "";
  const response = await fetch(endpoint.replace("/events", "/health/ready"));
  return [response.status, ((await response.json()) as { checks: unknown }).checks];
}

test("an agent is ready while its store and the bus are, and says which of them is not", async () => {
  await start();
  expect(await ready("coach-agent")).toEqual([200, { bus: "ok", store: "ok" }]);
  expect(await ready("dashboard")).toEqual([200, { bus: "ok", store: "ok" }]);

  await start({
    platform: async (place, closing) => {
      const platform = await openEmbedded(place, closing);
      const storeOf: typeof platform.storeOf = (service) => {
        const store = platform.storeOf(service);
        return {
          ...store,
          commit: store.commit.bind(store),
          due: store.due.bind(store),
          read: () => Promise.reject(new Error("gone")),
        };
      };
      return { ...platform, storeOf, isBusReady: () => false };
    },
  });
  expect(await ready("coach-agent")).toEqual([503, { bus: "failed", store: "failed" }]);
});

test("every listener is on this machine's own address", async () => {
  const { webhookUrl, apiUrl, issuer, agents } = await start();
  const addresses = [webhookUrl, apiUrl, issuer.issuer, ...[...agents.values()].map(({ endpoint }) => endpoint)];
  expect(addresses.length).toBeGreaterThan(3);
  // Another address of the same machine: a listener on all addresses calls itself 127.0.0.1 too, and would answer here.
  const answers = addresses.map(async (address) => {
    const elsewhere = new URL("/health/live", address);
    elsewhere.hostname = "127.0.0.2";
    return fetch(elsewhere).then(
      () => address,
      () => "refused",
    );
  });
  expect(new Set(await Promise.all(answers))).toEqual(new Set(["refused"]));
});
