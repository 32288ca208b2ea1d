import type * as z from "zod";
import { StartError } from "./start-error.ts";

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads environment variables by a schema whose messages name the remedy ("set it to …"). An empty variable counts as not set.
 * Throws a StartError that names every variable at fault, in one line.
 */
export function parseEnvironment<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name} ${Object.hasOwn(set, name) ? "is wrong" : "is not set"}: ${message}`;
  });
  throw new StartError(faults.join("; "));
}
