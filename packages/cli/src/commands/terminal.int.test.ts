import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { nudgeEvent, openCommandHouse, type CommandHouse } from "./commands.fixture.ts";

const CLI = fileURLToPath(new URL("../main.ts", import.meta.url));

let house: CommandHouse;
beforeEach(async () => {
  house = await openCommandHouse();
});
afterEach(() => house.close());

test("who reads no further ends the command, and hears nothing of it", async () => {
  await house.hear(...Array.from({ length: 150 }, (_, index) => nudgeEvent(`n${index}`, "one")));

  const script = `"$0" --no-warnings "$1" chains one --api "$2" --data "$3" | head -n 1`;
  const args = ["-c", script, process.execPath, CLI, house.api, house.data];
  const { stdout, stderr } = await promisify(execFile)("sh", args);
  expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^Chain one {2}began \S+\n$/), stderr: "" });
});
