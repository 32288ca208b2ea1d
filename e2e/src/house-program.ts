import { loadSecrets, openDataFolder, startHouse } from "@contextpilot/cli";

/**
 * The embedded house as a process of its own, for tests that kill it: `node house-program.ts <data folder> <repositories as JSON>`.
 * Prints `{"webhookUrl", "apiUrl", "secret"}` when it is up; SIGTERM closes it.
 */
const [, , folder = "", repositories = "{}"] = process.argv;
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
process.once("SIGTERM", () => void house.close());
const { webhookUrl, apiUrl } = house;
process.stdout.write(`${JSON.stringify({ webhookUrl, apiUrl, secret: secrets.webhook })}\n`);
