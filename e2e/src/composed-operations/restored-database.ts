import { until } from "@contextpilot/testing";
import { parseFilter, passes, resolveTopology } from "@contextpilot/topology";
import type { ComposedHouse } from "../composed/composed-house.ts";
import { CHAIN, chains, type Scene } from "../platform-suite/scene.ts";
import { Operator } from "./operator.ts";

const FIVE_MINUTES_MS = 300_000;

/** How many services a chain's events have effects at, all together. */
const EFFECTS = resolveTopology().subscriptions.flatMap(({ filter }) =>
  filter === undefined ? [] : CHAIN.filter((event_type) => passes(parseFilter(filter), { event_type })),
).length;

const HEARERS = resolveTopology().subscriptions.filter(({ topic, raw }) => topic === "context-updates" && !raw).length;

export function restoredDatabase(house: () => ComposedHouse, scene: () => Scene): void {
  async function pushAll(...people: readonly string[]): Promise<void> {
    for (const who of people) await scene().send(await scene().pushOf(who));
  }

  const idsInChains = async (): Promise<readonly string[]> =>
    (await scene().api.events())
      .filter(({ event_type }) => CHAIN.includes(event_type))
      .map(({ event_id }) => event_id)
      .toSorted();

  /** Deliveries of the chains' events that took effect, or (true) were known already: a service and an event's id each. */
  const handled = (known: boolean): readonly string[] =>
    scene().handlings.flatMap(({ service, outcome: { kind, duplicate = false, event } }) =>
      kind === "handled" && duplicate === known && CHAIN.includes(event?.event_type ?? "")
        ? [`${service} ${event?.event_id}`]
        : [],
    );

  /** A message that nobody can read; gives the ids of what becomes of it, a dead letter of each that hears its topic. */
  async function poison(): Promise<readonly string[]> {
    const attributes = { event_type: "context.update.v1" };
    await scene().house.publisher.publish([{ topic: "context-updates", data: Buffer.from("{"), attributes }]);
    return untilLetters();
  }

  const untilLetters = async (): Promise<readonly string[]> =>
    (await scene().untilDeadLetters(HEARERS)).map(({ dead_letter_id }) => dead_letter_id).toSorted();

  async function untilEffects(count: number): Promise<readonly string[]> {
    await until(
      () => handled(false).length >= count * EFFECTS,
      () => `the effects of ${count} chains, there were ${handled(false).length}`,
      { withinMs: 60_000 },
    );
    return handled(false);
  }

  test("a database goes back while Pub/Sub went on: what came after its backup is brought again and has its effects again, with the same ids, and nothing else has", async () => {
    await house().engine.compose("stop", "clock");
    try {
      await goBack();
    } finally {
      await house().engine.compose("start", "clock");
    }
  });

  async function goBack(): Promise<void> {
    const operator = new Operator(house());
    await operator.markPlace();
    await pushAll("ada", "bob");
    await scene().chainTypes(2);
    const first = await untilEffects(2);
    await operator.backUp();
    const backedUpAt = Date.now();
    const saidFirst = await idsInChains();

    await pushAll("cleo", "dan");
    await scene().chainTypes(4);
    const second = (await untilEffects(4)).slice(first.length);
    const saidByThen = await idsInChains();
    const letters = await poison();
    await operator.pauseAll();
    await pushAll("eve");
    await operator.restore();
    expect(await idsInChains()).toEqual(saidFirst);
    expect(await scene().api.deadLetters()).toEqual([]);

    await operator.seekAll(new Date(backedUpAt - FIVE_MINUTES_MS));
    await operator.resumeAll();
    expect(await scene().chainTypes(5)).toEqual(chains(5));
    expect(await idsInChains()).toEqual(expect.arrayContaining([...saidByThen]));
    await untilEffects(7);
    expect(scene().handledTwice().toSorted()).toEqual(second.toSorted());
    await until(() => first.every((one) => handled(true).includes(one)), "what was handled before the backup, known");
    expect(await untilLetters()).toEqual(letters);
  }
}
