import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeOn, pubsubEmulator } from "@contextpilot/testing";
import { PubsubProject } from "@contextpilot/pubsub";
import { resolveTopology } from "@contextpilot/topology";
import { runCommand } from "./commands.fixture.ts";

const SCRIPT = fileURLToPath(new URL("../../../../infra/setup-pubsub.sh", import.meta.url));
const { topics, subscriptions } = resolveTopology();
const all = topics.length + subscriptions.length;

interface Line {
  readonly resource: string;
  readonly name: string;
  readonly state: string;
  readonly remedy?: string;
}

const linesOf = (out: string): readonly Line[] =>
  out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));

describeOn(pubsubEmulator, "contextpilot topology, on the emulator,", (emulator) => {
  let projects = 0;
  let project: string;
  beforeEach(() => (project = `command-${(projects += 1)}`));

  const run = (command: string, ...args: readonly string[]) =>
    runCommand(["topology", command, "--project", project, ...args], { emulatorHost: emulator().host });
  const states = async (command: string, ...args: readonly string[]) => {
    const { out, failed } = await run(command, "--json", ...args);
    return { states: [...new Set(linesOf(out).map(({ state }) => state))], lines: linesOf(out).length, failed };
  };

  test("check tells what is missing and makes nothing; apply makes it, and finds nothing more to do", async () => {
    const missing = { states: ["missing"], lines: all, failed: true };
    expect(await states("check")).toEqual(missing);
    expect(await states("check")).toEqual(missing);
    expect(await states("apply")).toEqual({ states: ["created"], lines: all, failed: false });
    expect(await states("apply")).toEqual({ states: ["unchanged"], lines: all, failed: false });
    expect(await states("check")).toEqual({ states: ["unchanged"], lines: all, failed: false });
  });

  test("what changed is said for people, setting by setting", async () => {
    await run("apply");
    const { out, err, failed } = await run("apply", "--push-endpoint", "http://127.0.0.1:8090/{service}");
    expect(failed).toBe(false);
    expect(out).toMatch(
      /^updated +subscription +git-from-push +pushEndpoint: "" -> "http:\/\/127.0.0.1:8090\/git-agent"$/m,
    );
    expect(err).toContain(`${subscriptions.length} updated`);
  });

  test("the subscriptions of a service that pulls are pushed to nobody", async () => {
    const { out } = await run(
      "apply",
      "--push-endpoint",
      "http://127.0.0.1:8090/{service}",
      "--pulled",
      "git-agent",
      "--json",
    );
    expect(linesOf(out)).toHaveLength(all);
    const there = new PubsubProject({ projectId: project, emulatorHost: emulator().host });
    const settings = await there.read();
    await there.close();
    const pulled = settings.subscriptions.filter(({ pushEndpoint }) => pushEndpoint === "").map(({ name }) => name);
    const due = subscriptions.filter(({ service }) => service === "git-agent").map(({ name }) => name);
    expect(pulled.toSorted()).toEqual(due.toSorted());
  });

  test("another filter is refused, with the way around, and the rest is made", async () => {
    const [first] = subscriptions;
    const { name, topic } = first ?? { name: "", topic: "" };
    const connection = { projectId: project, emulatorHost: emulator().host };
    const before = new PubsubProject(connection);
    const usual = { ordered: false, ackDeadlineSeconds: 10, retry: undefined, deadLetter: undefined } as const;
    const old = {
      ...usual,
      name,
      topic,
      filter: "attributes:old",
      retentionSeconds: 600,
      expiresAfterSeconds: "never",
    } as const;
    await before.take({
      kind: "create",
      resource: "topic",
      name: topic,
      wanted: { name: topic, retentionSeconds: undefined },
    });
    await before.take({ kind: "create", resource: "subscription", name, wanted: old });
    await before.close();

    const { out, failed } = await run("apply", "--json");
    expect(failed).toBe(true);
    const refused = linesOf(out).filter(({ state }) => state === "refused");
    expect(refused).toMatchObject([{ name, remedy: expect.stringContaining(`delete ${name}; apply again`) }]);
    expect(linesOf(out)).toHaveLength(all);
    expect((await run("check")).out).toContain(`cannot be changed  subscription  ${name}`);
  });

  test("the script makes the same, in the project of its variable", async () => {
    const { stdout } = await promisify(execFile)(SCRIPT, ["--json"], {
      env: { ...process.env, GCP_PROJECT_ID: project, PUBSUB_EMULATOR_HOST: emulator().host },
    });
    expect(linesOf(stdout)).toHaveLength(all);
    expect(await states("check")).toMatchObject({ states: ["unchanged"] });
  });

  test("delete asks first, and takes everything away", async () => {
    await run("apply");
    await expect(run("delete")).rejects.toMatchObject({ message: expect.stringContaining("--yes"), exitCode: 2 });
    expect(await states("check")).toMatchObject({ states: ["unchanged"] });
    expect(await states("delete", "--yes")).toEqual({ states: ["deleted"], lines: all, failed: false });
    expect(await states("check")).toMatchObject({ states: ["missing"] });
  });
});

test("a Pub/Sub that does not answer is exit code 2, and named", async () => {
  const nobody = runCommand(["topology", "check", "--project", "gone"], { emulatorHost: "127.0.0.1:9" });
  await expect(nobody).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("cannot look at project gone of the emulator at 127.0.0.1:9"),
  });
});

test("a service that pulls and is none is exit code 2", async () => {
  const wrong = runCommand(["topology", "check", "--project", "p", "--pulled", "git-agnet"]);
  await expect(wrong).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining("no git-agnet") });
});

test("an address without the service's name in it is exit code 2", async () => {
  const wrong = runCommand(["topology", "check", "--project", "p", "--push-endpoint", "{service}"]);
  await expect(wrong).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("{service} makes no address"),
  });
});
