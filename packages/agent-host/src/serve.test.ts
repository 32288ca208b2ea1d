import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { createApp } from "./create-app.ts";
import { createLogger } from "./logging.ts";
import { listen } from "./serve.ts";

const push = {
  message: { data: "e30=", messageId: "1", publishTime: "2026-11-21T08:30:00Z" },
  subscription: "projects/demo/subscriptions/git-from-push",
};
const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill("SIGKILL")));

function start(...args: string[]): ChildProcess {
  const script = new URL("process.fixture.ts", import.meta.url);
  const child = fork(script, args, { silent: true, execArgv: [] });
  children.push(child);
  return child;
}

const saidBy = async (child: ChildProcess): Promise<string> => String((await once(child, "message"))[0]);

const post = (url: string): Promise<number> =>
  fetch(`${url}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(push),
  }).then(
    (response) => response.status,
    () => 0,
  );

test("SIGTERM: nothing new is taken, what runs is finished and answered, and the process exits with 0", async () => {
  const child = start();
  const output = text(child.stdout!);
  const url = await saidBy(child);
  const running = post(url);
  expect(await saidBy(child)).toBe("received");

  child.kill("SIGTERM");
  const exited = once(child, "exit");
  let refused = await post(url);
  while (refused === 204) refused = await post(url);
  expect(refused).toBe(503);
  child.send("go on");

  expect(await running).toBe(204);
  expect(await exited).toEqual([0, null]);
  expect(JSON.parse((await output).trim().split("\n").at(-1)!)).toMatchObject({ message: "stopped" });
});

test("what does not end in time is given up, with 1", async () => {
  const child = start("200");
  const output = text(child.stdout!);
  const running = post(await saidBy(child));
  await saidBy(child);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(await running).toBe(0);
  expect(await output).toContain("gave up what still ran");
});

test("a second signal ends the process at once", async () => {
  const child = start();
  const output = text(child.stdout!);
  void post(await saidBy(child));
  await saidBy(child);
  child.kill("SIGTERM");
  await once(child.stdout!, "data");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(await output).toContain("stopped at once");
});

test("a signal while the process starts, when others may call it already, ends it in order too", async () => {
  const child = start("still starting");
  const output = text(child.stdout!);
  await saidBy(child);
  child.kill("SIGTERM");
  child.send("go on");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await output).toContain('"message":"stopped"');
});

test.each([
  ["done", 0, '"message":"stopped"'],
  ["failed", 1, "the work failed"],
])("a process whose work is %s closes by itself, with %i", async (message, code, line) => {
  const child = start("with work");
  const output = text(child.stdout!);
  await saidBy(child);
  child.send(message);
  expect(await once(child, "exit")).toEqual([code, null]);
  expect(await output).toContain(line);
});

test("what cannot start says why in one line, and exits with 1", async () => {
  const child = start("misconfigured");
  const complaint = text(child.stderr!);
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(await complaint).toBe("PUSH_AUDIENCE is not set: set it\n");
});

test("a taken port is named, and what changes it", async () => {
  const logger = createLogger({ service: "test", level: "silent" });
  const [first, second] = [createApp({ service: "first", logger }), createApp({ service: "second", logger })];
  try {
    const { port } = new URL(await listen(first, { host: "127.0.0.1", port: 0 }));
    await expect(listen(second, { host: "127.0.0.1", port: Number(port), portSetting: "--port" })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken: choose another with --port`,
    );
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});
