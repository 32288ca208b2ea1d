export { openBus, openGoogleCloud, type Bus, type GoogleCloud } from "./google-cloud.ts";
export { runAgent } from "./run-agent.ts";
