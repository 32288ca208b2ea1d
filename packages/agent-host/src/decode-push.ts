import type { Attributes } from "@contextpilot/events";
import { MessageError, parseStrictJson, type Delivery, type Undeliverable } from "@contextpilot/messaging";

/** A push request read; or what is wrong with it, its bytes, and what could be found in it all the same. */
export type DecodedPush =
  | { readonly ok: true; readonly delivery: Delivery }
  | { readonly ok: false; readonly error: MessageError; readonly message: Undeliverable };

type JsonObject = Readonly<Record<string, unknown>>;

// Pub/Sub's names: 3 to 255 characters. https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
const SUBSCRIPTION = /^projects\/[^/]{1,255}\/subscriptions\/([A-Za-z][\w.~+%-]{2,254})$/;
/** Pub/Sub's ids have some twenty digits; its names have 255 characters. */
const MAX_ID = 256;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Reads the body of a Pub/Sub push request: strict JSON, strict base64, every field of its type, both spellings of an id the
 * same. Unknown fields are left alone; without `data` the message is empty. Gives a permanent `invalid-push` error otherwise.
 */
export function decodePush(body: Uint8Array): DecodedPush {
  let request: unknown;
  try {
    request = parseStrictJson(body);
  } catch (cause) {
    const problem = cause instanceof MessageError ? cause.message : "could not be read";
    return { ok: false, error: invalid(`the push request ${problem}`, undefined, cause), message: { data: body } };
  }
  try {
    return { ok: true, delivery: deliveryOf(request) };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { ok: false, error, message: { data: body, ...hintsOf(request) } };
  }
}

function deliveryOf(value: unknown): Delivery {
  const request = object(value, "the push request");
  const message = object(request["message"], "message");
  const orderingKey = optional(message["orderingKey"], "message.orderingKey", text);
  const deliveryAttempt = optional(request["deliveryAttempt"], "deliveryAttempt", attempt);
  return {
    messageId: id(bothSpellings(message, "messageId", "message_id"), "message.messageId"),
    data: optional(message["data"], "message.data", base64) ?? new Uint8Array(),
    attributes: optional(message["attributes"], "message.attributes", attributes) ?? {},
    publishTime: time(bothSpellings(message, "publishTime", "publish_time")),
    subscription: subscription(request["subscription"]),
    // Pub/Sub: an empty key is none.
    ...(orderingKey === undefined || orderingKey === "" ? {} : { orderingKey }),
    ...(deliveryAttempt === undefined ? {} : { deliveryAttempt }),
  };
}

function optional<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | undefined {
  return value === undefined ? undefined : read(value, path);
}

function object(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw invalid(`${path} must be an object`, path);
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string") throw invalid(`${path} must be a string`, path);
  return value;
}

/** It stands in keys, attributes and logs: short, and valid Unicode. */
function id(value: unknown, path: string): string {
  const found = text(value, path);
  if (!isId(found)) throw invalid(`${path} must be valid Unicode of 1 to ${MAX_ID} characters`, path);
  return found;
}

function isId(value: string): boolean {
  return value !== "" && value.length <= MAX_ID && value.isWellFormed();
}

function attempt(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
    throw invalid(`${path} must be a whole number from 1`, path);
  }
  return value;
}

/** Buffer reads almost anything as base64; only what it would write itself is strict. */
function base64(value: unknown, path: string): Uint8Array {
  const encoded = text(value, path);
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded) throw invalid(`${path} is not base64`, path);
  return bytes;
}

function attributes(value: unknown, path: string): Attributes {
  const found = object(value, path);
  if (!isTextRecord(found)) throw invalid(`${path} must map strings to strings`, path);
  return found;
}

function isTextRecord(value: JsonObject): value is Attributes {
  return Object.values(value).every((item) => typeof item === "string");
}

/** Pub/Sub writes both spellings, other senders one of them. */
function bothSpellings(message: JsonObject, camel: string, snake: string): string {
  const path = `message.${camel}`;
  const found = text(message[camel] ?? message[snake], path);
  if ((message[snake] ?? found) !== found) throw invalid(`${path} and message.${snake} differ`, path);
  return found;
}

function time(value: string): string {
  if (!RFC3339.test(value) || Number.isNaN(Date.parse(value))) {
    throw invalid("message.publishTime must be a date and time in RFC 3339", "message.publishTime");
  }
  return value;
}

function subscription(value: unknown): string {
  const name = typeof value === "string" ? SUBSCRIPTION.exec(value)?.[1] : undefined;
  if (name === undefined) throw invalid("subscription must be projects/P/subscriptions/NAME", "subscription");
  return name;
}

function hintsOf(value: unknown): Pick<Undeliverable, "subscription" | "messageId"> {
  const request = isObject(value) ? value : {};
  const message = isObject(request["message"]) ? request["message"] : {};
  const name =
    typeof request["subscription"] === "string" ? SUBSCRIPTION.exec(request["subscription"])?.[1] : undefined;
  const messageId = message["messageId"] ?? message["message_id"];
  return {
    ...(name === undefined ? {} : { subscription: name }),
    ...(typeof messageId === "string" && isId(messageId) ? { messageId } : {}),
  };
}

function invalid(problem: string, path?: string, cause?: unknown): MessageError {
  return MessageError.permanent("invalid-push", problem, { path }, cause === undefined ? {} : { cause });
}
