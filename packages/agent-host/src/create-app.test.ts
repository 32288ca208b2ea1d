import { Agent, get, type IncomingMessage } from "node:http";
import { until } from "@contextpilot/testing";
import { createApp } from "./create-app.ts";
import { createLogger } from "./logging.ts";
import { listen } from "./serve.ts";

test("close() does not wait for a connection whose last answer ended meanwhile to be used again", async () => {
  const [reached, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const app = createApp({ service: "tests", logger: createLogger({ service: "tests", level: "silent" }) });
  app.get("/slow", async () => {
    reached.resolve();
    await release.promise;
    return "done";
  });
  const url = await listen(app, { host: "127.0.0.1", port: 0 });
  const agent = new Agent({ keepAlive: true });
  try {
    const asked = Promise.withResolvers<IncomingMessage>();
    get(`${url}/slow`, { agent }, asked.resolve).on("error", asked.reject);
    await reached.promise;
    const began = performance.now();
    const closed = app.close();
    const refused = (): Promise<boolean> =>
      fetch(url).then(
        () => false,
        () => true,
      );
    await until(refused, "the listener to take nobody any more");
    release.resolve();
    (await asked.promise).resume();
    await closed;
    // An idle connection is kept for 72 s.
    expect(performance.now() - began).toBeLessThan(30_000);
  } finally {
    agent.destroy();
  }
});

test.each([
  ["/%ff", 400, "Bad Request"],
  [`/${"x".repeat(1_153)}`, 414, "URI Too Long"],
])("a path that cannot be read is answered shortly, without the path: %#", async (url, status, error) => {
  const app = createApp({ service: "tests", logger: createLogger({ service: "tests", level: "silent" }) });
  app.get("/:id", async () => "found");
  const response = await app.inject({ url });
  expect([response.statusCode, response.json()]).toEqual([status, { error }]);
  await app.close();
});
