import { describeOn, pubsubEmulator } from "@contextpilot/testing";
import { resolveTopology } from "@contextpilot/topology";
import { planChanges, planDeletion, type Step } from "./plan.ts";
import { PubsubProject } from "./pubsub-project.ts";
import { PULLED, wantedSettings, type WantedSettings } from "./wanted.ts";

const changesOf = (steps: readonly Step[]) =>
  steps.flatMap(({ kind, name }) => (kind === "keep" ? [] : [`${kind} ${name}`]));

const endpointsOf = async (project: PubsubProject) =>
  (await project.read()).subscriptions.map(({ pushEndpoint }) => pushEndpoint).sort();

describeOn(pubsubEmulator, "a project on the emulator", (emulator) => {
  const topology = resolveTopology();
  let project: PubsubProject;
  let projects = 0;
  beforeEach(() => {
    project = new PubsubProject({ projectId: `project-${(projects += 1)}`, emulatorHost: emulator().host });
  });
  afterEach(() => project.close());

  const apply = async (wanted = wantedSettings(topology)): Promise<readonly Step[]> => {
    const steps = planChanges(wanted, await project.read());
    for (const step of steps) await project.take(step);
    return steps;
  };

  test("gets the whole topology, and needs nothing the second time", async () => {
    expect(changesOf(await apply())).toHaveLength(topology.topics.length + topology.subscriptions.length);
    const { topics, subscriptions } = await project.read();
    expect(topics).toHaveLength(topology.topics.length);
    expect(subscriptions).toHaveLength(topology.subscriptions.length);
    expect(changesOf(await apply())).toEqual([]);
  });

  test("has no policies, and says so", async () => {
    await apply();
    expect(await project.grants("topic", "git-events-dlq")).toBeUndefined();
    expect(await project.grants("subscription", "context-from-git")).toBeUndefined();
  });

  test("is put right where a subscription's settings are others", async () => {
    const wanted = wantedSettings(topology);
    const [first, ...rest] = wanted.subscriptions;
    if (first === undefined) throw new TypeError("the topology has a subscription");
    const other: WantedSettings = {
      ...wanted,
      subscriptions: [
        {
          ...first,
          ackDeadlineSeconds: 30,
          retry: { minimumSeconds: 1, maximumSeconds: 2 },
          deadLetter: undefined,
          retentionSeconds: 3_600,
        },
        ...rest,
      ],
    };
    await apply(other);
    expect(changesOf(await apply())).toEqual([`update ${first.name}`]);
    expect(changesOf(await apply())).toEqual([]);
  });

  test("is pushed to where an address is given, and pulled again when told so", async () => {
    await apply();
    await apply(wantedSettings(topology, "http://127.0.0.1:9/{service}"));
    const addresses = topology.subscriptions.map(({ service }) => `http://127.0.0.1:9/${service}`);
    expect(await endpointsOf(project)).toEqual(addresses.sort());
    expect(changesOf(await apply())).toEqual([]);
    await apply(wantedSettings(topology, PULLED));
    expect(await endpointsOf(project)).toEqual(addresses.map(() => ""));
  });

  test("has nothing left of the topology when it was taken away, and keeps what is not of it", async () => {
    await apply();
    await apply({ topics: [{ name: "strange", retentionSeconds: undefined }], subscriptions: [] });
    for (const step of planDeletion(wantedSettings(topology), await project.read())) await project.take(step);
    expect(await project.read()).toEqual({
      topics: [{ name: "strange", retentionSeconds: undefined }],
      subscriptions: [],
    });
  });
});
