import type { Envelope } from "@contextpilot/events";
import { until } from "@contextpilot/testing";
import { chains, commitOf, peopleOf, type Scene } from "./scene.ts";

export function agentDown(scene: () => Scene): void {
  test("while one agent is down the others go on, and it catches up", async () => {
    const pushes = [await scene().pushOf("ada"), await scene().pushOf("bob"), await scene().pushOf("cleo")];
    await scene().agent("coach-agent").stop();
    await scene().send(...pushes);
    const updates = await scene().api.untilEvents("context.update", 3);
    expect(updates.map(commitOf)).toEqual(expect.arrayContaining(pushes.map(({ after }) => after)));
    expect(await scene().api.events("coach.nudge")).toEqual([]);

    await scene().agent("coach-agent").start();
    const nudges = await scene().api.untilEvents("coach.nudge", 3);
    expect(peopleOf(nudges)).toEqual(peopleOf(updates));
    expect(new Set(nudges.map(({ parent_event_id }) => parent_event_id))).toEqual(
      new Set(updates.map(({ event_id }) => event_id)),
    );
    expect(await scene().chainTypes(3)).toEqual(chains(3));
  });

  test("a chain says of each agent what it made of an event, and of one that is down that the event waits", async () => {
    await scene().agent("coach-agent").stop();
    await scene().send(await scene().pushOf("ada"));
    const [update] = await scene().api.untilEvents("context.update", 1);
    const handlings = async (): Promise<readonly object[]> => {
      const path = `/api/chains/${update?.correlation_id}`;
      const { items } = await scene().api.get<{ items: { event: Envelope; handlings: object[] }[] }>(path);
      return items.find(({ event }) => event.event_id === update?.event_id)?.handlings ?? [];
    };
    const at = expect.any(String) as string;
    await until(async () => (await handlings()).some((each) => "note" in each), "the strategy-agent's handling", {
      everyMs: 50,
    });
    expect(await handlings()).toEqual(
      expect.arrayContaining([
        { consumer: "strategy-agent", status: "handled", at, said: [], note: "crosses no threshold" },
        { consumer: "coach-agent", status: "waits" },
      ]),
    );

    await scene().agent("coach-agent").start();
    const [nudge] = await scene().api.untilEvents("coach.nudge", 1);
    const said = [nudge?.event_id];
    expect(await handlings()).toContainEqual({ consumer: "coach-agent", status: "handled", at, said, note: null });
  });
}
