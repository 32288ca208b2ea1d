import { fileURLToPath } from "node:url";
import { readComposeSettings } from "./compose-settings.ts";
import { faultsIn } from "./faults-in.ts";

const settings = readComposeSettings(fileURLToPath(new URL("../../../../docker-compose.yml", import.meta.url)));
const secrets = Object.fromEntries([...settings.required].map((name) => [name, "0123456789abcdef"]));

const faults = (file: Record<string, string>, process: Record<string, string> = {}): readonly string[] =>
  faultsIn({ file: { ...secrets, ...file }, process }, settings);

test("secrets alone are enough; what is compose's own is none of our business", () => {
  expect(settings.required.size).toBeGreaterThanOrEqual(3);
  expect(faults({})).toEqual([]);
  expect(faults({ COMPOSE_PROJECT_NAME: "mine", DOCKER_HOST: "unix:///run/docker.sock" })).toEqual([]);
});

test.each<[string, Record<string, string>, RegExp]>([
  ["a misspelt variable", { WEBHOK_PORT: "4700" }, /^WEBHOK_PORT is none of its variables, which are .*WEBHOOK_PORT/],
  ["a missing secret", { WEBHOOK_SECRET: "" }, /^WEBHOOK_SECRET is not set: .*openssl rand/],
  ["a short secret", { AUTHOR_KEY: "hunter2" }, /^AUTHOR_KEY is too short: .*16 characters/],
  ["a port that is none", { WEBHOOK_PORT: "http" }, /^WEBHOOK_PORT is http: set it to a port/],
  ["a port beyond all", { DASHBOARD_PORT: "65536" }, /^DASHBOARD_PORT is 65536: set it to a port/],
  ["a port for two", { DASHBOARD_PORT: "5000", WEBHOOK_PORT: "5000" }, /are both 5000: give them a port each/],
])("%s is named with the remedy", (_, file, problem) => {
  const found = faults(file);
  expect(found).toEqual([expect.stringMatching(problem)]);
  expect(found.join()).not.toContain("hunter2");
});

test("all that is wrong is said at once; what the surroundings say weighs more than the file", () => {
  expect(faults({ AUTHOR_KEY: "", WEBHOOK_SECRET: "", LOGLEVEL: "info" })).toHaveLength(3);
  expect(faults({ WEBHOOK_PORT: "http" }, { WEBHOOK_PORT: "4800" })).toEqual([]);
});
