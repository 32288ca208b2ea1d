import { createLogger, listen } from "@contextpilot/agent-host";
import { until } from "@contextpilot/testing";
import type { FastifyInstance } from "fastify";
import { nudge, push, said, temporaryFolder } from "./house.fixture.ts";
import { SqliteReadModel } from "./sqlite-read-model.ts";
import type { FeedEntry } from "./take-delivery.ts";
import { createWeb } from "./web.ts";

let folder: ReturnType<typeof temporaryFolder>;
let model: SqliteReadModel;
let web: FastifyInstance;
let url: string;
const listeners = new Set<(entry: FeedEntry) => void>();

const follow = (listener: (entry: FeedEntry) => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

beforeEach(async () => {
  folder = temporaryFolder();
  model = SqliteReadModel.open({ file: `${folder.path}/dashboard.db` });
  web = createWeb({ readModel: model, follow, logger: createLogger({ service: "dashboard", level: "silent" }) });
  url = `${await listen(web, { host: "127.0.0.1", port: 0 })}/api/events/follow`;
});
afterEach(async () => {
  await web.close();
  await model.close();
  folder.remove();
});

const tell = (...events: Parameters<typeof said>[]): void => {
  for (const event of events)
    for (const listener of listeners) listener({ kind: "event", event: said(...event), seen_at: "now" });
};

/** What has come until the text is among it. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  let read = "";
  while (!read.includes(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ended after ${read}`);
    read += new TextDecoder().decode(value);
  }
  return read;
}

const readerOf = (response: Response): ReadableStreamDefaultReader<Uint8Array> => {
  if (response.body === null) throw new Error("no body");
  return response.body.getReader();
};

test("GET /api/events/follow sends each event of the family and of the own tenant as it comes", async () => {
  const response = await fetch(`${url}?type=coach.nudge`);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = readerOf(response);
  await readUntil(reader, ": following\n\n");

  tell(["p", push()], ["theirs", nudge(), { tenant_id: "other" }], ["n", nudge()]);

  const sent = await readUntil(reader, "\n\n");
  expect(JSON.parse(sent.slice("data: ".length))).toMatchObject({ event: { event_id: "n" }, seen_at: "now" });
  await reader.cancel();
});

test("who goes away is told no more, and an end of the house ends all who follow", async () => {
  const gone = new AbortController();
  await readUntil(readerOf(await fetch(url, { signal: gone.signal })), "following");
  const stays = readerOf(await fetch(url));
  await readUntil(stays, "following\n\n");

  gone.abort();
  await until(() => listeners.size === 1, "one listener");
  await web.close();
  expect(await stays.read()).toMatchObject({ done: true });
  expect(listeners.size).toBe(0);
});

test("who does not read is cut off before much is kept for them", async () => {
  const unread = await fetch(url);
  const large = "x".repeat(1024 * 1024);
  for (let sent = 0; sent < 64 && listeners.size > 0; sent++) {
    tell(["n", nudge(large)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => listeners.size === 0, "nobody is told any more");
  await expect(unread.text()).rejects.toThrow("terminated");
});

test("an unknown parameter is refused", async () => {
  expect((await fetch(`${url}?person=ada`)).status).toBe(400);
  expect((await fetch(`${url}?type=nonsense`)).status).toBe(400);
});
