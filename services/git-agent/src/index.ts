export { authorId } from "./author-id.ts";
export { gitAgentConfig, type GitAgentConfig } from "./config.ts";
export { handlers } from "./handlers.ts";
export type { ReadableRepository } from "./readable-repository.ts";
