import { systemClock } from "@contextpilot/messaging";
import { describeOn, firestoreEmulator, pubsubEmulator, until } from "@contextpilot/testing";
import { EmulatorsPlatform } from "./emulators-platform.ts";
import { Gate } from "./gate.ts";
import { placeInProcess } from "./platform-suite/place-in-process.ts";
import { chains, Scene } from "./platform-suite/scene.ts";
import type { HousePlace } from "./platform-suite/suite-house.ts";
import { sendPush } from "./pushes.ts";

/** What an agent may answer, whatever happens around it. */
const ANSWERS: ReadonlySet<string> = new Set(["204", "401", "403", "413", "415", "503"]);

describeOn(pubsubEmulator, "with Google's emulator of Pub/Sub", (bus) => {
  describeOn(firestoreEmulator, "and that of Firestore", (store) => {
    let gates: Record<"bus" | "store" | "issuer", Gate>;
    let platform: EmulatorsPlatform;
    let place: HousePlace;
    let scene: Scene;
    let clockIsAheadMs: number;
    let projects = 0;

    beforeEach(async () => {
      clockIsAheadMs = 0;
      gates = { bus: await Gate.open(), store: await Gate.open(), issuer: await Gate.open() };
      platform = new EmulatorsPlatform({
        projectId: `faults-${(projects += 1)}`,
        pubsub: gates.bus.leadTo(bus().host).host,
        firestore: gates.store.leadTo(store().host).host,
        issuer: (proxy) => `http://${gates.issuer.leadTo(proxy).host}`,
        clock: { now: () => new Date(systemClock.now().getTime() + clockIsAheadMs) },
      });
      place = await placeInProcess(platform.open, () => platform.close());
      scene = await Scene.open(place);
    });
    afterEach(async () => {
      for (const gate of Object.values(gates)) gate.reopen();
      await scene.close();
      await place.close();
      await Promise.all(Object.values(gates).map((gate) => gate.close()));
    });

    /** The chain that was begun is whole in the end, and nothing of it happened twice; meanwhile the log named what was down. */
    async function untilMended(count: number, named: { readonly message: string } & Record<string, unknown>) {
      await scene.api.untilEvents("coach.nudge", count, 60_000);
      expect(await scene.chainTypes(count)).toEqual(chains(count));
      expect(scene.handledTwice()).toEqual([]);
      const log = await scene.log();
      expect(log).toContainEqual(expect.objectContaining(named));
      const answers = log.flatMap(({ why }) => /^answered (\d+)$/.exec(why ?? "")?.[1] ?? []);
      expect(answers.filter((answer) => !ANSWERS.has(answer))).toEqual([]);
    }
    const untilLogged = (named: Record<string, unknown>): Promise<void> =>
      until(
        async () =>
          (await scene.log()).some((line) => Object.entries(named).every(([key, value]) => line[key] === value)),
        `a line with ${JSON.stringify(named)}`,
        { withinMs: 30_000, everyMs: 50 },
      );

    /** A client that found nobody waits a while before it connects again, and says meanwhile that it cannot. */
    const makeTopology = (): Promise<boolean> =>
      platform.makeTopology().then(
        () => true,
        () => false,
      );
    const untilTopologyIsMade = () => until(makeTopology, "the topology", { withinMs: 30_000, everyMs: 200 });

    test("while Firestore is down pushes are taken and wait; what was cut off in the middle has one effect", async () => {
      await scene.send(await scene.pushOf("ada"));
      await scene.api.untilEvents("git.push", 1);
      gates.store.shut();
      await scene.send(await scene.pushOf("bob"));
      const named = { message: "retry", reason: "store-failed" };
      await untilLogged(named);
      gates.store.reopen();
      await untilMended(2, { ...named, problem: expect.stringContaining("Firestore") });
    });

    test("while Pub/Sub is down the webhook refuses pushes, and what an agent has to say is said when it is back", async () => {
      await scene.send(await scene.pushOf("ada"));
      await scene.api.untilEvents("git.push", 1);
      gates.bus.shut();
      const push = await scene.pushOf("bob");
      expect(await sendPush(scene.door, push)).toBe(503);
      gates.bus.reopen();
      await until(async () => (await sendPush(scene.door, push)) === 202, "the 202", {
        withinMs: 30_000,
        everyMs: 100,
      });
      await untilMended(2, { service: "webhook", message: "webhook refused", status: 503 });
    });

    test("a Firestore that was killed and is empty again takes up what waits", async () => {
      await store().kill();
      await scene.send(await scene.pushOf("ada"));
      const named = { message: "retry", reason: "store-failed" };
      await untilLogged(named);
      await store().start();
      await untilMended(1, { ...named, problem: expect.stringContaining("Firestore") });
    });

    test("a Pub/Sub that was killed is given its topology again; a push that is repeated has one effect", async () => {
      const [first, second] = [await scene.pushOf("ada"), await scene.pushOf("bob")];
      await scene.send(first);
      await scene.api.untilEvents("coach.nudge", 1);
      await bus().kill();
      expect(await sendPush(scene.door, second)).toBe(503);
      await bus().start();
      await untilTopologyIsMade();
      for (const push of [first, second]) {
        await until(async () => (await sendPush(scene.door, push)) === 202, "the 202", {
          withinMs: 30_000,
          everyMs: 100,
        });
      }
      await untilMended(2, { service: "webhook", message: "webhook refused", status: 503 });
    });

    test("while the issuer of tokens is down nobody is let in, and everything waits", async () => {
      gates.issuer.shut();
      await scene.send(await scene.pushOf("ada"));
      const named = { message: "push refused", status: 503, reason: "keys-unavailable" };
      await untilLogged(named);
      expect(await scene.api.events()).toEqual([]);
      gates.issuer.reopen();
      await untilMended(1, named);
    });

    test("tokens of an issuer whose clock is five minutes behind are good", async () => {
      clockIsAheadMs = -5 * 60_000;
      await scene.send(await scene.pushOf("ada"));
      await untilMended(1, { message: "handled", service: "coach-agent" });
      expect(await scene.log()).not.toContainEqual(expect.objectContaining({ message: "push refused" }));
    });

    test("tokens of an issuer whose clock is five minutes ahead are refused, and everything waits until it is set", async () => {
      clockIsAheadMs = 5 * 60_000;
      await scene.send(await scene.pushOf("ada"));
      const named = { message: "push refused", status: 401, reason: "not-valid-yet" };
      await untilLogged(named);
      expect(await scene.api.events()).toEqual([]);
      clockIsAheadMs = 0;
      await untilMended(1, named);
    });
  });
});
