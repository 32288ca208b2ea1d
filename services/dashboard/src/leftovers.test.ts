import { createLogger } from "@contextpilot/agent-host";
import { finishLeftovers } from "./leftovers.ts";

let lines: string[];
const logger = () => createLogger({ service: "dashboard", destination: { write: (line) => void lines.push(line) } });
beforeEach(() => {
  lines = [];
});

test("what was left is carried out at the start, and the end waits for it", async () => {
  const finished = Promise.withResolvers<void>();
  let ended = false;
  const end = finishLeftovers({ finishPending: () => finished.promise }, logger());
  const ending = end().then(() => (ended = true));
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  finished.resolve();
  await ending;
});

test("where it cannot be carried out the process goes on, with a line in the log", async () => {
  await finishLeftovers({ finishPending: () => Promise.reject(new Error("the bus is down")) }, logger())();
  expect(lines.join("")).toContain("the bus is down");
});
