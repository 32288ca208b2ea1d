export { openDataFolder, type DataFolder } from "./house/data-folder.ts";
export type { Handling } from "./house/run-agent.ts";
export { loadSecrets, type Secrets } from "./house/secrets.ts";
export { startHouse, type House, type HouseOptions } from "./house/start-house.ts";
