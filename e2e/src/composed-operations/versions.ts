import { until } from "@contextpilot/testing";
import type { ComposedHouse } from "../composed/composed-house.ts";
import { CHAIN, chains, type Scene } from "../platform-suite/scene.ts";
import { Operator } from "./operator.ts";

/** Who hears what the producer says, and the producer. */
const [CONSUMER, PRODUCER] = ["coach-agent", "context-agent"] as const;
const NEXT = "e2e-next";

export function versions(house: () => ComposedHouse, scene: () => Scene): void {
  let operator: Operator;
  let pushes: number;

  /** The name of the image that a process runs, without its tag, and the tag. */
  async function imageOf(name: string): Promise<readonly [string, string]> {
    const [id = ""] = await operator.containersOf(name);
    const image = await operator.engine.docker("inspect", "--format={{.Config.Image}}", id);
    const colon = image.lastIndexOf(":");
    return [image.slice(0, colon), image.slice(colon + 1)];
  }

  async function push(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      await scene().send(await scene().pushOf(`author${pushes}`));
      pushes += 1;
    }
  }

  /** Whether a container has handled an event of a chain since then. */
  async function hasHandled(id: string, since: string): Promise<boolean> {
    const lines = (await operator.engine.docker("logs", `--since=${since}`, id)).split("\n");
    return lines.some(
      (line) => line.includes('"outcome":"handled"') && CHAIN.some((type) => line.includes(`"${type}"`)),
    );
  }

  /** The version of the tag takes over: it runs beside the other one until both have handled something; that is drained in the middle of pushes. */
  async function takeOver(name: string, tag: string): Promise<void> {
    const [old = ""] = await operator.containersOf(name);
    const next = await operator.startBeside(name, tag);
    const since = new Date().toISOString();
    await push(4);
    await until(
      async () => (await hasHandled(old, since)) && hasHandled(next, since),
      `both of ${name} to have handled something`,
      {
        everyMs: 100,
      },
    );
    const draining = operator.drain(old);
    await push(2);
    expect(await draining).toBe(0);
    expect(await operator.containersOf(name)).toEqual([next]);
  }

  test("version N runs beside N-1, consumers before producers, and back the other way: both take pushes, the one that goes is drained, and each push has its effects once", async () => {
    operator = new Operator(house());
    pushes = 0;
    const images = await Promise.all([CONSUMER, PRODUCER].map(imageOf));
    const old = images[0]?.[1] ?? "";
    for (const [image] of images) await operator.engine.docker("tag", `${image}:${old}`, `${image}:${NEXT}`);
    try {
      await operator.engine.compose("up", "--no-deps", "--no-build", "topology");
      await takeOver(CONSUMER, NEXT);
      await takeOver(PRODUCER, NEXT);
      await takeOver(PRODUCER, old);
      await takeOver(CONSUMER, old);
      await scene().api.untilEvents("coach.nudge", pushes, 60_000);
      expect(await scene().chainTypes(pushes)).toEqual(chains(pushes));
      expect(scene().handledTwice()).toEqual([]);
    } finally {
      for (const name of [CONSUMER, PRODUCER]) await operator.deploy(name);
      for (const [image] of images) await operator.engine.docker("rmi", `${image}:${NEXT}`);
    }
  });
}
