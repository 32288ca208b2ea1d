import { runAgent } from "@contextpilot/agent-process";
import { handlers } from "./handlers.ts";

await runAgent("spec-agent", handlers);
