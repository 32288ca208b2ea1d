import * as z from "zod";

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a schema of zod takes, in an order of its own: the same schema, the same text, in whatever order its fields are written. */
export function jsonSchemaOf(title: string, schema: z.ZodType, options: JsonSchemaOptions = {}): JsonSchema {
  return ordered({ ...z.toJSONSchema(schema, { io: "input", ...options }), title });
}

/** By default what JSON Schema has no words for is refused; `any` leaves it open. */
type JsonSchemaOptions = Pick<NonNullable<Parameters<typeof z.toJSONSchema>[1]>, "unrepresentable">;

/** Keys by name; `required` is a set, and its order means nothing. */
function ordered(schema: object): JsonSchema {
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => [key, orderedValue(key, value)]);
  return Object.fromEntries(entries.sort(([a], [b]) => byName(a, b)));
}

function orderedValue(key: string, value: unknown): unknown {
  if (Array.isArray(value))
    return key === "required" ? value.toSorted(byName) : value.map((each) => orderedValue("", each));
  return typeof value === "object" && value !== null ? ordered(value) : value;
}

/** By code unit, as on every machine. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
