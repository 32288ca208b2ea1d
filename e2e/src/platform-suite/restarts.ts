import { until } from "@contextpilot/testing";
import type { Push } from "../pushes.ts";
import { chains, commitOf, type Scene } from "./scene.ts";

export function restarts(scene: () => Scene): void {
  test("a house that is stopped in the middle of its chains goes on where it was", async () => {
    const pushes: Push[] = [];
    for (const who of ["ada", "bob", "cleo", "dan", "eve"]) pushes.push(await scene().pushOf(who));
    // The chains get no further than to the coach, and stop as they come.
    await scene().agent("coach-agent").stop();
    await scene().send(...pushes);
    await scene().api.untilEvents("context.update", 1);
    await scene().stop();
    await scene().start();
    await scene().api.untilEvents("coach.nudge", 5, 60_000);
    expect(await scene().chainTypes(5)).toEqual(chains(5));
    const events = await scene().api.events();
    expect(new Set(events.map(({ correlation_id }) => correlation_id)).size).toBe(5);
    expect(scene().handledTwice()).toEqual([]);
  });

  test("what the agents remember outlives a restart: a measured commit, a person's pace", async () => {
    await scene().repository.commit();
    const first = await scene().pushOf("ada");
    await scene().send(first);
    await scene().api.untilEvents("coach.nudge", 1);

    await scene().stop();
    await scene().start();
    scene().handlings.length = 0;
    const [second, others] = [await scene().pushOf("ada"), await scene().pushOf("bob")];
    // The first commit comes once more, on another branch; Ada's next nudge waits, Bob's does not.
    await scene().send({ ...first, ref: "refs/heads/copy" }, second, others);
    const updates = await scene().api.untilEvents("context.update", 3, 60_000);
    await until(
      () =>
        scene().handled("coach-agent", "context.update.v1").length === 2 &&
        scene().handled("context-agent", "git.commit.v1").length === 3,
      "all of it to have been handled",
      { withinMs: 30_000 },
    );
    expect(new Set(updates.map(commitOf))).toEqual(new Set([first, second, others].map(({ after }) => after)));
    const nudges = await scene().api.untilEvents("coach.nudge", 2);
    const [ada, bob] = nudges;
    expect(nudges).toHaveLength(2);
    expect(ada?.user_id).toBe(updates.find((update) => commitOf(update) === first.after)?.user_id);
    expect(bob?.user_id).toBe(updates.find((update) => commitOf(update) === others.after)?.user_id);
  });
}
