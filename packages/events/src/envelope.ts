import * as z from "zod";
import { wholeFor } from "./whole.ts";
import { parseEventType, withVersion } from "./event-type.ts";
import { deepFreeze } from "./freeze.ts";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.ts";

export const PRIORITIES = ["low", "normal", "high", "critical"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What is said on the wire, field for field. The type is the wire: nothing is renamed on the way in or out. */
export interface Envelope<T extends string = string, D = unknown> {
  /** Unique; a source's natural key or a UUID; 1-128 characters. */
  readonly event_id: string;
  /** Family and version: `context.update.v1`. */
  readonly event_type: T;
  /** When it happened: UTC, ISO 8601. */
  readonly timestamp: string;
  /** The agent or service that said it. */
  readonly source: string;
  /** By event type. On the wire it is missing where `data_ref` stands in its place. */
  readonly data: D;
  /** Where the data is kept that was too large for the message: the SHA-256 of its JSON, in hex, and its length. */
  readonly data_ref?: { readonly hash: string; readonly bytes: number };
  /** Whose it is. Default: `default`. */
  readonly tenant_id: string;
  /** The chain: everything that one push caused. Default: the event's own id. */
  readonly correlation_id: string;
  /** The event that caused this one. */
  readonly parent_event_id?: string;
  /** How many causes stand before it. Default: 0. */
  readonly hops: number;
  /** The caller's trace. */
  readonly trace_id?: string;
  readonly user_id?: string;
  readonly execution_id?: string;
  readonly source_agent_id?: string;
  readonly priority?: Priority;
  /** Seconds after `timestamp` past which nobody should handle it any more. */
  readonly ttl_seconds?: number;
  /** Failures of a handler, past which the event is dead-lettered; the house's five where absent. */
  readonly max_retries?: number;
  /** Set on what a replay says again, and on all that follows from it. */
  readonly replay_generation?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const id = text(128);
const name = text(256);
/** Taken as it is: zod's copy of an object loses a key named `__proto__`. */
const record = z.custom<Readonly<Record<string, unknown>>>(isRecord, "must be an object");

const wire = z.looseObject({
  event_id: id,
  event_type: z.string().max(128),
  timestamp: z.iso
    .datetime({ offset: true, error: "must be a date and time in ISO 8601" })
    .regex(/(?:Z|[+-]00:00)$/, "must be in UTC: end with Z or +00:00")
    .max(64),
  source: name,
  data: record.optional(),
  data_ref: z.looseObject({ hash: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(1) }).optional(),
  tenant_id: id.default("default"),
  correlation_id: id.optional(),
  parent_event_id: id.optional(),
  hops: z.int().min(0).default(0),
  trace_id: name.optional(),
  user_id: name.optional(),
  execution_id: name.optional(),
  source_agent_id: name.optional(),
  priority: z.enum(PRIORITIES).optional(),
  ttl_seconds: z.number().positive().optional(),
  max_retries: z.int().min(0).optional(),
  replay_generation: id.optional(),
  metadata: record.optional(),
});

const isWhole = wholeFor(wire);

/** UTF-8 has no lone surrogates: such a name would be another one in an attribute or a store's key. */
function text(maxLength: number) {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .refine((value) => value.isWellFormed(), "must be valid Unicode");
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What was read, or the first thing wrong with it: where (`data.hops`; empty for the whole) and what. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly path: string; readonly problem: string };

/**
 * Reads a parsed JSON value as an envelope. Five fields suffice (event_id, event_type, timestamp, source, data); the others
 * have the defaults that {@link Envelope} gives, unknown ones are kept. `data` is checked later, by its event type.
 * The envelope is frozen through and through, and `value` with it but for its top level; a value that comes frozen is taken to be
 * so in its depths.
 */
export function readEnvelope(value: unknown): Read<Envelope> {
  const parsed = isWhole(value) ? { success: true as const, data: value } : wire.safeParse(value);
  if (!parsed.success) return firstProblem(parsed.error);
  const { event_id, event_type, data, tenant_id, correlation_id = event_id, hops } = parsed.data;
  if (data === undefined && parsed.data.data_ref === undefined)
    return { ok: false, path: "data", problem: "is missing" };
  const versioned = parseEventType(event_type) === undefined ? withVersion(event_type, data?.["version"]) : event_type;
  if (versioned === undefined) {
    const problem = "must begin with a major version from 1, as 2.0, where event_type names none";
    return { ok: false, path: "data.version", problem };
  }
  if (parseEventType(versioned) === undefined) {
    const problem = "must be two or more lower-case words and a version, as git.commit.v1";
    return { ok: false, path: "event_type", problem };
  }
  const read = { ...(value as Envelope), event_type: versioned, tenant_id, correlation_id, hops };
  // What strict JSON gives is frozen through and through.
  return { ok: true, value: Object.isFrozen(value) ? Object.freeze(read) : deepFreeze(read) };
}

/** What `readEnvelope` takes, but for what JSON Schema cannot say: draft 2020-12. */
export function envelopeJsonSchema(): JsonSchema {
  return jsonSchemaOf("envelope", wire, { unrepresentable: "any" });
}

/** The envelope as the bytes of a message. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return Buffer.from(JSON.stringify(envelope), "utf8");
}

/** `{event_type}:{tenant_id}:{event_id}`: what makes two deliveries the same event. */
export function idempotencyKey(event: Pick<Envelope, "event_type" | "tenant_id" | "event_id">): string {
  return `${event.event_type}:${event.tenant_id}:${event.event_id}`;
}

export function firstProblem(error: z.ZodError): { ok: false; path: string; problem: string } {
  const issue = error.issues[0];
  return { ok: false, path: issue?.path.join(".") ?? "", problem: issue?.message ?? "is not valid" };
}
