export { openBus, openGoogleCloud, type Bus, type GoogleCloud } from "./google-cloud.ts";
export { runAgent, runRawAgent } from "./run-agent.ts";
export { runJob, runRawJob } from "./run-job.ts";
