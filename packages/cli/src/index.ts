export { openDataFolder, type DataFolder } from "./house/data-folder.ts";
export { openEmbedded } from "./house/embedded-platform.ts";
export type { OpenPlatform, Platform, PlatformPlace } from "./house/platform.ts";
export { PUSHER, type Handling, type RunningAgent } from "./house/run-agent.ts";
export { loadSecrets, type Secrets } from "./house/secrets.ts";
export { startHouse, type House, type HouseOptions } from "./house/start-house.ts";
