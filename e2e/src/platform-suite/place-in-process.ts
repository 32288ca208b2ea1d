import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PUSHER, type OpenPlatform } from "@contextpilot/cli";
import { resolveTopology } from "@contextpilot/topology";
import { openHouse } from "../open-house.ts";
import type { HousePlace, SuiteHouse } from "./suite-house.ts";

/** A folder for houses that run in this process, on the platform; `close` also ends the platform. */
export async function placeInProcess(
  platform: OpenPlatform,
  close: () => Promise<void> = () => Promise.resolve(),
): Promise<HousePlace> {
  const folder = await mkdtemp(join(tmpdir(), "contextpilot-platform-"));
  const data = join(folder, "data");
  return {
    repositories: folder,
    data,
    open: () => openInProcess(data, join(folder, "shop.git"), platform),
    close: async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openInProcess(data: string, shop: string, platform: OpenPlatform): Promise<SuiteHouse> {
  const { house, door, api } = await openHouse(data, { repositories: { shop }, platform });
  const { publisher, agents, issuer, apiUrl } = house;
  return {
    door,
    api,
    apiUrl,
    publisher,
    agents,
    issuer,
    issuerName: issuer.issuer,
    onHandling: (listener) => void house.onHandling(listener),
    push: async (subscription, body) => {
      const agent = resolveTopology().subscriptions.find(({ name }) => name === subscription)?.service;
      const { endpoint = "", audience = "" } = (agent && agents.get(agent)) ?? {};
      const token = await issuer.token({ audience, serviceAccount: PUSHER });
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      return (await fetch(endpoint, { method: "POST", headers, body })).status;
    },
    stop: () => house.close(),
    close: () => house.close(),
  };
}
