import { v5 } from "uuid";

/** The house's own name space for UUIDs of version 5 (RFC 9562, 5.5). */
const NAMESPACE = "6e9c1f3a-5d0b-4d56-9a41-0c7a4f3f2b8e";

/** An id that follows from its parts alone: the same parts, the same id, whoever computes it and when. */
export function derivedId(...parts: readonly (string | number)[]): string {
  return v5(JSON.stringify(parts), NAMESPACE);
}
