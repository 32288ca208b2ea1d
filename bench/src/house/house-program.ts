import { loadSecrets, openDataFolder, startHouse } from "@contextpilot/cli";
import type { HouseOrder, HouseReport } from "./run-house.ts";

/**
 * The embedded house in a process of its own, so that what measures it takes nothing of it: `fork(house-program.ts, [data folder,
 * repositories as JSON])`. Reports when it is up, each nudge when it is kept, and its memory when asked.
 */
const [, , folder = "", repositories = "{}"] = process.argv;
const report = (said: HouseReport): void => void process.send?.(said);

const data = openDataFolder(folder);
const secrets = loadSecrets(folder);
const house = await startHouse({
  data,
  secrets,
  repositories: JSON.parse(repositories) as Record<string, string>,
  webhookPort: 0,
  apiPort: 0,
  retryScale: 0.01,
});
house.feed.follow((entry) => {
  if (entry.kind === "event" && entry.event.event_type === "coach.nudge.v1") report({ kind: "nudge" });
});
process.on("message", (order: HouseOrder) => {
  if (order === "memory") report({ kind: "memory", rss: process.memoryUsage.rss() });
  else void house.close().then(() => process.disconnect());
});
report({ kind: "up", webhookUrl: house.webhookUrl, secret: secrets.webhook });
