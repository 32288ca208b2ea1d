import { runCommand } from "./commands.fixture.ts";

const HASH = "a".repeat(40);

test.each([
  [["--repository", "acme/shop", "--after", HASH], "belong together"],
  [["--repository", "acme/shop", "--before", "a1b2c3", "--after", HASH], "40 or 64 hex digits"],
  [["--timeout", "0"], "a number of seconds"],
  [["--tenant", "a/b"], "letters, digits"],
  [["--webhook", "webhook.example/git"], "an http(s) address"],
])("%j is refused before anything is sent", async (args, problem) => {
  await expect(runCommand(["smoke", "--project", "p", ...args])).rejects.toThrow(problem);
});

test("half of the emulators is exit code 2, and named", async () => {
  const half = runCommand(["smoke", "--project", "p"], { emulatorHost: "127.0.0.1:9" });
  await expect(half).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("FIRESTORE_EMULATOR_HOST"),
  });
});
