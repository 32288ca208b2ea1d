import { hash } from "node:crypto";
import type { Envelope } from "@contextpilot/events";
import { MessageError } from "./error.ts";
import type { Handler } from "./handler.ts";
import type { Payloads } from "./ports/payloads.ts";
import { parseStrictJson } from "./strict-json.ts";

/**
 * Step 6: the event with its data, from where it is kept, read by its handler. Throws a permanent MessageError that names
 * the field; `payload-missing` where the data is not (yet) where the event says.
 */
export function readData(
  handler: Handler,
  event: Envelope,
  payloads: Payloads | undefined,
): Envelope | Promise<Envelope> {
  if (event.data_ref === undefined) return withData(handler, event, event.data);
  return fetchData(event, event.data_ref.hash, payloads).then((data) => withData(handler, event, data));
}

function withData(handler: Handler, event: Envelope, data: unknown): Envelope {
  const read = handler.readData(data);
  if (read.ok) return Object.freeze({ ...event, data: read.value });
  throw MessageError.permanent("invalid-data", `${read.path === "" ? "data" : `data.${read.path}`}: ${read.problem}`, {
    event: event.event_id,
    type: event.event_type,
  });
}

/**
 * An event's data as it came, for who handles no events and looks at them: from the payload store where it is kept there. Throws
 * as step 6 does.
 */
export async function resolveData(event: Envelope, payloads: Payloads | undefined): Promise<unknown> {
  return event.data_ref === undefined ? event.data : fetchData(event, event.data_ref.hash, payloads);
}

async function fetchData(event: Envelope, name: string, payloads: Payloads | undefined): Promise<unknown> {
  const details = { event: event.event_id, payload: name };
  let bytes: Uint8Array | undefined;
  try {
    bytes = await payloads?.get(name);
  } catch (cause) {
    throw MessageError.retryable("store-failed", "the payload could not be read", details, { cause });
  }
  if (bytes === undefined) throw MessageError.retryable("payload-missing", "its payload is not there", details);
  if (hash("sha256", bytes, "hex") !== name) {
    throw MessageError.permanent("payload-corrupt", "its payload is not what its hash says", details);
  }
  return parseStrictJson(bytes);
}
