import { loadSecrets, openDataFolder, startHouse, type House, type HouseOptions } from "@contextpilot/cli";
import { HouseApi } from "./house-api.ts";
import type { Door } from "./pushes.ts";

export interface OpenHouse {
  readonly house: House;
  readonly door: Door;
  readonly api: HouseApi;
}

/** A house in this process, embedded unless said otherwise, on free ports, its retries a hundred times as fast. Whoever opens it closes it. */
export async function openHouse(
  folder: string,
  options: Pick<HouseOptions, "repositories" | "platform">,
): Promise<OpenHouse> {
  const data = openDataFolder(folder);
  const secrets = loadSecrets(folder);
  const house = await startHouse({ ...options, data, secrets, webhookPort: 0, apiPort: 0, retryScale: 0.01 });
  const { webhookUrl, apiUrl } = house;
  return { house, door: { webhookUrl, secret: secrets.webhook }, api: new HouseApi(apiUrl) };
}
