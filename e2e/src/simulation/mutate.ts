import { registerHooks } from "node:module";
import { CANARIES, type Mutation } from "./canaries.ts";

/**
 * Loaded before a program (`node --import`), with CANARY naming one: as its files are read, the text that keeps the promise is
 * replaced by one that breaks it. Ends the process with 2 where the text is not there (any more).
 */
const name = process.env["CANARY"] ?? "";
const mutations = CANARIES[name] ?? [];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const own = mutations.filter(({ file }) => url.endsWith(`/${file}`));
    if (own.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
    const source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: own.reduce(mutated, source) };
  },
});

function mutated(source: string, { file, find, replace }: Mutation): string {
  if (source.includes(find)) return source.replace(find, () => replace);
  process.stderr.write(`canary "${name}": ${file} has no text ${JSON.stringify(find)}\n`);
  process.exit(2);
}
