import { composedOperations } from "./composed-operations.ts";
import { ComposedHouse } from "./composed/composed-house.ts";
import { missingEngine } from "./composed/compose-engine.ts";
import { processes } from "./composed/processes.ts";
import { platformSuite } from "./platform-suite.ts";
import { chains, Scene } from "./platform-suite/scene.ts";
import { sendPush, type Push } from "./pushes.ts";
import type { Ended } from "./run-contextpilot.ts";

const UP_WITHIN_MS = 600_000;
const KILLED = ["git-agent", "push-proxy", "context-agent", "coach-agent"];

const missing = missingEngine();
const describeHere = missing === undefined ? describe : describe.skip;

// One house for all: bringing it up takes the longest.
describeHere(missing === undefined ? "docker compose" : `docker compose [${missing}]`, () => {
  let house: ComposedHouse;
  let failed: Ended;
  let came: Ended;

  beforeAll(async () => {
    house = await ComposedHouse.prepare();
    failed = await house.upWith("coach-agent", { PORT: "none" });
    came = await house.up();
  }, UP_WITHIN_MS);
  afterAll(() => house.down(), UP_WITHIN_MS);

  test("a container that does not start is named, with what it said and what to do; the same command again goes on", () => {
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/^coach-agent ended with exit code 1; it said last:\n +PORT is wrong/m);
    expect(failed.err).toMatch(/^contextpilot: .*coach-agent.* did not come up: .*same command again/m);
    expect(came).toMatchObject({ code: 0, out: expect.stringContaining("git push") });
  });

  test("every process runs as nobody", async () => {
    const ids = (await house.engine.compose("ps", "--quiet", ...processes.map(({ name }) => name))).split("\n");
    const users = await house.engine.docker("inspect", "--format={{.Config.User}}", ...ids.filter(Boolean));
    expect(users.split("\n")).toEqual(processes.map(() => "65532:65532"));
  });

  platformSuite("docker compose", () => Promise.resolve(house.place()));

  test("containers that are killed in the middle of pushes cost none of them, and nothing has its effect twice", async () => {
    const place = house.place();
    const scene = await Scene.open(place);
    const pushes: Push[] = [];
    for (let at = 0; at < 12; at += 1) pushes.push(await scene.pushOf(`author${at}`));
    const kills = KILLED.map((name) => async () => {
      await house.engine.compose("kill", name);
      await house.engine.compose("start", name);
    });
    const killing = kills.reduce((before, kill) => before.then(kill), Promise.resolve());
    for (const push of pushes) expect(await sendPush(scene.door, push)).toBe(202);
    await killing;
    await scene.api.untilEvents("coach.nudge", pushes.length, 90_000);
    expect(await scene.chainTypes(pushes.length)).toEqual(chains(pushes.length));
    expect(scene.handledTwice()).toEqual([]);
    await scene.close();
    await place.close();
  });

  composedOperations(() => house);

  test(
    "taken down, nothing of it is left: no container, no network, no volume",
    async () => {
      expect((await house.engine.leftovers()).length).toBeGreaterThan(processes.length);
      await house.down();
      expect(await house.engine.leftovers()).toEqual([]);
    },
    UP_WITHIN_MS,
  );
});
