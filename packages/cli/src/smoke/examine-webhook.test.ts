import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createLogger, listen } from "@contextpilot/agent-host";
import { createWebhook } from "@contextpilot/webhook";
import { RecordingPublisher } from "@contextpilot/testing";
import { examineWebhook } from "./examine-webhook.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

test.each(["github", "git"])(
  "the house's own webhook refuses both at /webhooks/%s, and nothing comes of them",
  async (door) => {
    const publisher = new RecordingPublisher();
    const logger = createLogger({ service: "webhook", level: "silent" });
    const app = createWebhook({ secret: "a-secret-of-the-tests", publisher, logger });
    closing.push(() => app.close());
    const address = await listen(app, { host: "127.0.0.1", port: 0 });
    expect(await examineWebhook(`${address}/webhooks/${door}`)).toMatchObject({ check: "signatures", state: "ok" });
    expect(publisher.messages).toEqual([]);
  },
);

/** Answers 401 to what is not signed, and so to what is; gives its address. */
async function answering(unsigned: number, forged: number): Promise<string> {
  const server: Server = createServer(({ headers }, response) => {
    response.writeHead(headers["x-hub-signature-256"] === undefined ? unsigned : forged).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  [202, 401, /answers 202 to no signature, not 401$/, /close it at once/],
  [401, 202, /answers 202 to a forged signature, not 401$/, /close it at once/],
  [403, 403, /answers 403 to no signature/, /nobody may call it, GitHub neither/],
  [404, 404, /answers 404/, /webhook_url/],
])("one that answers %i to no signature and %i to a forged one is wrong", async (unsigned, forged, what, mend) => {
  expect(await examineWebhook(await answering(unsigned, forged))).toEqual({
    check: "signatures",
    state: "wrong",
    what: expect.stringMatching(what),
    mend: expect.stringMatching(mend),
  });
});

test("one that does not answer is wrong, and one that is not named is not checked", async () => {
  expect(await examineWebhook("http://127.0.0.1:9/webhooks/git")).toMatchObject({ state: "wrong" });
  expect(await examineWebhook(undefined)).toMatchObject({ state: "unchecked" });
});
