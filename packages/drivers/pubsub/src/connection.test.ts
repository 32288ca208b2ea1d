import { execFile } from "node:child_process";
import { promisify } from "node:util";

const index = new URL("index.ts", import.meta.url).href;

/** How many files of the SDK a process has loaded after these lines. */
async function filesOfTheSdkAfter(lines: string): Promise<number> {
  const program = `
    import { createRequire } from "node:module";
    const { PubsubPublisher, PubsubSubscriber, PubsubProject } = await import(${JSON.stringify(index)});
    const where = { projectId: "project", emulatorHost: "127.0.0.1:9" };
    ${lines}
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(loaded.filter((file) => file.includes("@google-cloud")).length);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  return Number(stdout);
}

test("the SDK is loaded by the first use, and not for a close before that", async () => {
  const opened = "const all = [new PubsubPublisher(where), new PubsubSubscriber(where), new PubsubProject(where)];";
  expect(await filesOfTheSdkAfter(opened)).toBe(0);
  expect(await filesOfTheSdkAfter(`${opened} for (const each of all) await each.close();`)).toBe(0);
  expect(await filesOfTheSdkAfter("await new PubsubPublisher(where).ready();")).toBeGreaterThan(0);
});
