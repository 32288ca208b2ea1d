import type { ComposedHouse } from "../composed/composed-house.ts";
import { until } from "@contextpilot/testing";
import { commitOf, type Scene } from "../platform-suite/scene.ts";
import { Operator } from "./operator.ts";

const COMMITS = 9;

export function pauses(house: () => ComposedHouse, scene: () => Scene): void {
  /** Pushes of three commits of one branch each; gives the commits in their order. */
  async function pushCommits(): Promise<readonly string[]> {
    const plans = Array.from({ length: COMMITS }, (_, at) => ({
      changes: [{ path: `${at}.md`, content: "x\n".repeat(at + 1) }],
    }));
    const hashes = await scene().repository.commitAll(plans);
    for (let at = 2; at < COMMITS; at += 3) {
      const before = hashes[at - 3] ?? "0".repeat(40);
      await scene().send({ repository: "shop", ref: "refs/heads/main", before, after: hashes[at] ?? "" });
    }
    return hashes;
  }

  async function untilMeasured(): Promise<readonly unknown[]> {
    const measured = () => scene().handled("context-agent", "git.commit.v1").map(commitOf);
    await until(
      () => measured().length >= COMMITS,
      () => `${COMMITS} commits, there were ${measured().length}`,
      { withinMs: 60_000 },
    );
    await scene().api.untilEvents("context.update", COMMITS);
    return measured();
  }

  test("while all subscriptions are paused pushes wait; afterwards each has its effects once, in order", async () => {
    const operator = new Operator(house());
    await operator.pauseAll();
    const hashes = await pushCommits();
    expect(await scene().api.events()).toEqual([]);
    await operator.resumeAll();
    expect(await untilMeasured()).toEqual(hashes);
    expect(scene().handledTwice()).toEqual([]);
  });

  test.each(["context-agent", "push-proxy"])(
    "while the container %s is frozen pushes wait; afterwards each has its effects once, in order",
    async (name) => {
      // By its id: docker-compose 1.29 does not see that a container of podman's is paused.
      const [id = ""] = await new Operator(house()).containersOf(name);
      await house().engine.docker("pause", id);
      let hashes: readonly string[];
      try {
        hashes = await pushCommits();
      } finally {
        await house().engine.docker("unpause", id);
      }
      expect(await untilMeasured()).toEqual(hashes);
      expect(scene().handledTwice()).toEqual([]);
    },
  );
}
