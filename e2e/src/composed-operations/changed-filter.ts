import { PubsubProject, planChanges, wantedSettings, type WantedSubscription } from "@contextpilot/pubsub";
import { until } from "@contextpilot/testing";
import { resolveTopology } from "@contextpilot/topology";
import { PROJECT, PUSH_ENDPOINT, type ComposedHouse } from "../composed/composed-house.ts";
import { chains, commitOf, type Scene } from "../platform-suite/scene.ts";
import type { Push } from "../pushes.ts";

const OLD = "coach-from-context";
const NEW = "coach-from-context-2";

export function changedFilter(house: () => ComposedHouse, scene: () => Scene): void {
  let project: PubsubProject;
  const remove = (name: string) => project.take({ kind: "delete", resource: "subscription", name });

  /** The plan for a subscription of the topology, under a name and with a filter. */
  async function planFor(name: string, filter: string) {
    const { subscriptions } = wantedSettings(resolveTopology(), PUSH_ENDPOINT);
    const is = subscriptions.find((each) => each.name === OLD) as WantedSubscription;
    // Pushed by the old one's address: the push proxy knows the topology as it was built. The emulator applies no filter.
    const wanted = { topics: [], subscriptions: [{ ...is, name, filter, retry: undefined }] };
    return planChanges(wanted, await project.read());
  }

  /** Gives the commits. */
  async function pushAll(...people: readonly string[]): Promise<readonly string[]> {
    const pushes: Push[] = [];
    for (const who of people) pushes.push(await scene().pushOf(who));
    await scene().send(...pushes);
    return pushes.map(({ after }) => after);
  }

  /** Which commits came to the coach by a subscription. */
  const broughtBy = (subscription: string): readonly unknown[] =>
    scene().handlings.flatMap(({ service, subscription: by, outcome: { event } }) =>
      service === "coach-agent" && by === subscription && event !== undefined ? [commitOf(event)] : [],
    );

  async function untilBrought(commits: readonly string[], ...by: readonly string[]): Promise<void> {
    const all = () => by.every((each) => commits.every((commit) => broughtBy(each).includes(commit)));
    await until(all, `${commits.join()} to come by ${by.join()}`);
  }

  test("a changed filter comes as a new subscription: nothing is missed, and what both deliver is handled once", async () => {
    const { host } = new URL(house().addresses.get("pubsub") ?? "");
    project = new PubsubProject({ projectId: PROJECT, emulatorHost: host });
    try {
      await change();
    } finally {
      const { subscriptions } = await project.read();
      if (subscriptions.some(({ name }) => name === NEW)) await remove(NEW);
      await project.close();
    }
  });

  async function change(): Promise<void> {
    const filter = 'attributes.event_type = "context.update.v1"';
    expect(await planFor(OLD, filter)).toMatchObject([{ kind: "refuse", differences: [{ field: "filter" }] }]);
    await untilBrought(await pushAll("ada", "bob"), OLD);

    // The emulator gives a new subscription also what its topic still has; the service does not.
    for (const step of await planFor(NEW, filter)) await project.take(step);
    await untilBrought(await pushAll("cleo", "dan"), OLD, NEW);

    await remove(OLD);
    const last = await pushAll("eve", "fay");
    await untilBrought(last, NEW);
    expect(broughtBy(OLD)).not.toEqual(expect.arrayContaining([last[0]]));
    await scene().api.untilEvents("coach.nudge", 6);
    expect(await scene().chainTypes(6)).toEqual(chains(6));
    expect(scene().handledTwice()).toEqual([]);
  }
}
