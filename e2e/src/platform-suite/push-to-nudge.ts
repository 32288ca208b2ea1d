import { CHAIN, chains, commitOf, peopleOf, type Scene } from "./scene.ts";

export function pushToNudge(scene: () => Scene): void {
  test("a push becomes a nudge for its author, each event caused by the one before it", async () => {
    const push = await scene().pushOf("ada");
    await scene().send(push);
    expect(await scene().chainTypes(1)).toEqual(chains(1));
    const events = await scene().api.events();
    const byType = new Map(events.map((event) => [event.event_type, event]));
    const [nudge, update, commit, told] = CHAIN.map((type) => byType.get(type));

    expect(told).toMatchObject({ source: "webhook", data: push });
    expect(commit).toMatchObject({ source: "git-agent", parent_event_id: told?.event_id, hops: 1 });
    expect(update).toMatchObject({ source: "context-agent", parent_event_id: commit?.event_id, hops: 2 });
    expect(nudge).toMatchObject({ source: "coach-agent", parent_event_id: update?.event_id, hops: 3 });
    expect([commit, update].map((event) => event && commitOf(event))).toEqual([push.after, push.after]);
    expect(new Set(events.map(({ correlation_id }) => correlation_id))).toEqual(new Set([told?.event_id]));
    expect(nudge?.user_id).toBe(commit?.user_id);
  });

  test("two authors who push at once get two chains that do not mix", async () => {
    const branches = [{ branch: "of-ada" }, { branch: "of-bob" }] as const;
    const pushes = [await scene().pushOf("ada", branches[0]), await scene().pushOf("bob", branches[1])];
    await Promise.all(pushes.map((push) => scene().send(push)));
    expect(await scene().chainTypes(2)).toEqual(chains(2));

    const events = await scene().api.events();
    const byChain = Map.groupBy(events, ({ correlation_id }) => correlation_id);
    expect(byChain.size).toBe(2);
    for (const push of pushes) {
      const root = events.find(({ data }) => (data as { after?: unknown }).after === push.after);
      const chain = byChain.get(root?.event_id ?? "") ?? [];
      expect(chain.map(({ event_type }) => event_type).toSorted()).toEqual(CHAIN);
      const said = chain.filter((event) => event !== root);
      expect(peopleOf(said).size).toBe(1);
      expect(said.map(commitOf).filter((hash) => hash !== undefined)).toEqual([push.after, push.after]);
      const own = /of-(\w+)/.exec(push.ref)?.[1] ?? "";
      expect(JSON.stringify(said)).toContain(`src/${own}.ts`);
      expect(JSON.stringify(said)).not.toContain(own === "ada" ? "src/bob.ts" : "src/ada.ts");
    }
    expect(peopleOf(events.filter(({ user_id }) => user_id !== undefined)).size).toBe(2);
  });
}
