export { authorId } from "./author-id.ts";
export type { GitAgentConfig, ReadableRepository } from "./config.ts";
export { handlers } from "./handlers.ts";
