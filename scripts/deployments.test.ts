import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readDeployments, type Deployment } from "./deployments.ts";

type Listener = Extract<Deployment, { concurrency: number }>;

const root = resolve(import.meta.dirname, "..");
const deployments = readDeployments(root);
const topology = JSON.parse(readFileSync(join(root, "infra/terraform/topology.json"), "utf8")) as {
  readonly subscriptions: readonly { readonly service: string; readonly ackDeadlineSeconds: number }[];
};

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "contextpilot-deployments-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(service: string, text: string): void {
  mkdirSync(join(folder, "services", service), { recursive: true });
  writeFileSync(join(folder, "services", service, "deployment.json"), text);
}
const { name: _name, service: _service, ...webhook } = deployments.find(({ name }) => name === "webhook") ?? {};
const { concurrency: _concurrency, minInstances: _least, maxInstances: _most, ...once } = webhook as Listener;
const job = { ...once, entry: "src/server.ts", door: "job", schedule: "*/5 * * * *", timeoutSeconds: 240 };

test.each(deployments)("the program of $name is there", ({ entry }) => {
  expect(readFileSync(join(root, entry), "utf8")).toContain("await run");
});

test.each(deployments.filter(({ door }) => door === "events"))(
  "$name has as long for a request as Pub/Sub waits for it",
  ({ service, timeoutSeconds }) => {
    const deadlines = topology.subscriptions.filter((each) => each.service === service);
    expect(deadlines).not.toEqual([]);
    expect(timeoutSeconds).toBeGreaterThanOrEqual(
      Math.max(...deadlines.map(({ ackDeadlineSeconds }) => ackDeadlineSeconds)),
    );
  },
);

test.each([
  ["no JSON", "{", /^services\/shop\/deployment\.json: .*JSON/],
  ["another name", JSON.stringify({ Shop: webhook }), /deployment\.json: .*say 3 to 49 characters/s],
  ["another field", JSON.stringify({ shop: { ...webhook, cpus: 2 } }), /deployment\.json: .*"cpus".*at shop/s],
  [
    "a job that takes requests",
    JSON.stringify({ shop: { ...job, concurrency: 20 } }),
    /deployment\.json: .*"concurrency".*at shop/s,
  ],
  ["a job without a schedule", JSON.stringify({ shop: { ...job, schedule: undefined } }), /at shop\.schedule/],
  [
    "a job once a day",
    JSON.stringify({ shop: { ...job, schedule: "0 3 * * *" } }),
    /every 1 to 30 minutes.*at shop\.schedule/s,
  ],
  [
    "a schedule of what is always there",
    JSON.stringify({ shop: { ...webhook, schedule: "*/5 * * * *" } }),
    /"schedule"/,
  ],
  ["another door", JSON.stringify({ shop: { ...webhook, door: "window" } }), /deployment\.json: .*at shop\.door/s],
])("%s is refused with its place", (_what, text, problem) => {
  write("shop", text);
  expect(() => readDeployments(folder)).toThrow(problem);
});

test("one name for processes of two services is refused", () => {
  write("inn", JSON.stringify({ front: webhook }));
  write("shop", JSON.stringify({ front: webhook }));
  expect(() => readDeployments(folder)).toThrow("front is a process of two services");
});

test("a job is read as it is said", () => {
  write("shop", JSON.stringify({ "shop-job": job }));
  expect(readDeployments(folder)).toMatchObject([
    { ...job, name: "shop-job", service: "shop", entry: "services/shop/src/server.ts" },
  ]);
});

test("a job beside a process that is pushed to would have nothing to pull, and is refused", () => {
  write("shop", JSON.stringify({ "shop-job": job, "shop-feed": { ...webhook, door: "events" } }));
  expect(() => readDeployments(folder)).toThrow("all that it could pull is pushed to shop-feed");
});
