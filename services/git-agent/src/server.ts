import { runAgent } from "@contextpilot/agent-process";
import { gitAgentConfig } from "./config.ts";
import { handlers } from "./handlers.ts";

await runAgent("git-agent", (env) => handlers(gitAgentConfig(env)));
