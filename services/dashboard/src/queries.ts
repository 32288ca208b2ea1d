import { parseEventType, withVersion } from "@contextpilot/events";
import * as z from "zod";
import { ApiError } from "./api-error.ts";
import { DEAD_LETTER_STATES, MAX_PAGE } from "./read-model.ts";

const text = z.string().min(1).max(256);
const page = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  /** The `next` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
};
/** Of somebody else than the one whose events are shown: only with the token. */
const tenant = text.optional();
export const eventType = text.refine(
  (type) => parseEventType(withVersion(type, undefined) ?? type) !== undefined,
  "must be an event type or its family, as git.commit.v1 or git.commit",
);

/** The queries of the web API. Unknown parameters are refused: a misspelt filter would show too much. */
export const pageQuery = z.strictObject(page);
const ofEvents = {
  type: eventType.optional(),
  /** The trace_id and the source_agent_id that a caller gave. */
  trace: text.optional(),
  agent: text.optional(),
};
export const eventsQuery = z.strictObject({ ...page, ...ofEvents });
export const followQuery = z.strictObject(ofEvents);
export type FollowQuery = z.output<typeof followQuery>;
export const nudgesQuery = z.strictObject({ ...page, person: text.optional() });
export const proposalsQuery = z.strictObject({ ...page, repository: text.optional() });
export const deadLettersQuery = z.strictObject({
  ...page,
  state: z.enum(DEAD_LETTER_STATES).optional(),
  group: text.optional(),
  tenant,
});
export const groupsQuery = z.strictObject({
  ...page,
  /** `true`: only groups in which some are open. */
  open: z.literal("true").optional(),
  tenant,
});
export const tenantQuery = z.strictObject({ tenant });
export const replaysQuery = z.strictObject({ ...page, tenant });

/** Reads a query string's parameters. Throws an ApiError that names the parameter. */
export function readQuery<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const read = schema.safeParse(query);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = issue?.path.join(".") ?? "";
  throw new ApiError("invalid-query", `${name === "" ? "the query" : name}: ${issue?.message ?? "is not valid"}`);
}
