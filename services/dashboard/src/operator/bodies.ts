import { parseEventType } from "@contextpilot/events";
import { resolveTopology } from "@contextpilot/topology";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { Choice } from "../dead-letters/choice.ts";
import { eventType } from "../queries.ts";

/** Dead letters of one call, and events: a call ends within a bearable time. */
const MAX_A_CALL = 1000;
/** Messages a second. What failed once comes back gently; what was well goes faster. */
const REDRIVE_RATE = 20;
const REPLAY_RATE = 200;

const topics = resolveTopology().topics.filter(({ families }) => families.length > 0);
const families: readonly string[] = topics.flatMap((topic) => topic.families);

const text = z.string().min(1).max(256);
const rate = z.number().min(0.1).max(10_000);
const limit = z.int().min(1).max(MAX_A_CALL).default(MAX_A_CALL);
const place = z.int().min(0).optional();
/** `by` is for whoever is not known by name already. */
const who = { by: text.optional(), tenant: text.optional() };
const time = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: "must be a date, or a date and time, in ISO 8601" })
  .transform((given) => new Date(given).toISOString());

const choice = {
  ids: z.array(text).min(1).max(MAX_A_CALL).optional(),
  group: text.optional(),
  all: z.literal(true).optional(),
  limit,
  cursor: place,
  up_to: place,
};
type ChoiceBody = z.output<z.ZodObject<typeof choice>>;
const isOneChoice = ({ ids, group, all }: ChoiceBody): boolean =>
  [ids, group, all].filter((given) => given !== undefined).length === 1;
const oneChoice = "must name one of ids, group and all";

/** The bodies of the web API. Unknown fields are refused: a misspelt condition would choose too much. */
export const discardBody = z.strictObject({ ...choice, ...who }).refine(isOneChoice, oneChoice);
export const redriveBody = z
  .strictObject({ ...choice, ...who, rate: rate.default(REDRIVE_RATE) })
  .refine(isOneChoice, oneChoice);
export const resendBody = z.strictObject({ ...who, data_base64: z.base64() });
export const replayBody = z.strictObject({
  ...who,
  type: eventType
    .refine((type) => families.includes(parseEventType(type)?.family ?? type), `must be of ${families.join(", ")}`)
    .optional(),
  topic: z.enum(topics.map(({ name }) => name)).optional(),
  chain: text.optional(),
  from: time.optional(),
  to: time.optional(),
  dry_run: z.boolean().default(false),
});
export const goOnBody = z.strictObject({ tenant: text.optional(), limit, rate: rate.default(REPLAY_RATE) });

/** Reads a body's fields. Throws an ApiError that names the field. */
export function readBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = issue?.path.join(".") ?? "";
  throw new ApiError("invalid-body", `${name === "" ? "the body" : name}: ${issue?.message ?? "is not valid"}`);
}

/** What a body has chosen. */
export function choiceIn({ ids, group, limit, cursor, up_to }: ChoiceBody): Choice {
  return ids === undefined ? { group_id: group, limit, cursor, up_to } : { ids: [...new Set(ids)] };
}
