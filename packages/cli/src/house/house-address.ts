import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "@contextpilot/agent-host";
import * as z from "zod";

/** Where the house of a data folder listens; the hooks of watched repositories read it at each push. */
export interface HouseAddress {
  readonly webhookUrl: string;
  readonly apiUrl: string;
}

const schema = z.object({ webhook_url: z.string(), api_url: z.string() });

const fileOf = (dataFolder: string): string => join(dataFolder, "house.json");

/** Says where the house listens; gives what takes it back. Throws a StartError. */
export function announceHouse(dataFolder: string, { webhookUrl, apiUrl }: HouseAddress): () => void {
  const file = fileOf(dataFolder);
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify({ webhook_url: webhookUrl, api_url: apiUrl })}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (cause) {
    const remedy = "free some space, let this user write it, or choose another data folder with --data";
    throw new StartError(`${file} cannot be written (${(cause as Error).message}): ${remedy}`, { cause });
  }
  return () => rmSync(file, { force: true });
}

/** Where the house said that it listens: one that was killed could not take it back. Undefined where none did. */
export function readHouseAddress(dataFolder: string): HouseAddress | undefined {
  try {
    const { webhook_url, api_url } = schema.parse(JSON.parse(readFileSync(fileOf(dataFolder), "utf8")));
    return { webhookUrl: webhook_url, apiUrl: api_url };
  } catch {
    return undefined;
  }
}
