import { describeOn } from "./emulator.ts";
import { pubsubEmulator } from "./pubsub-emulator.ts";

describeOn(pubsubEmulator, "an emulator", (emulator) => {
  const ask = async (method: string, path: string) =>
    (await fetch(`http://${emulator().host}/v1/projects/test${path}`, { method })).status;

  test("that is killed answers no more; started again it stands at the same place, empty", async () => {
    expect(await ask("PUT", "/topics/steps")).toBe(200);
    await emulator().kill();
    await expect(ask("GET", "/topics/steps")).rejects.toThrow("fetch failed");
    await emulator().start();
    expect(await ask("GET", "/topics/steps")).toBe(404);
  });
});
