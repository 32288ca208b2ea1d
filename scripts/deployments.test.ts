import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readDeployments } from "./deployments.ts";

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
