/**
 * Freezes a JSON value through and through and gives it back: an event that was published cannot be changed by who reads it.
 * Looks into what is frozen already, which may be frozen at its surface alone.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
