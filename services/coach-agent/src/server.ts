import { runAgent } from "@contextpilot/agent-process";
import { handlers } from "./handlers.ts";

await runAgent("coach-agent", handlers);
