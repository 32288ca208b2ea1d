import type { Envelope } from "@contextpilot/events";
import type { SeenEvent } from "./read-model.ts";
import type { Row } from "./sqlite-pages.ts";

/** A row of events; what stands in its envelope was an event when it was kept. */
export function seenEvent(row: Row): SeenEvent {
  return { event: JSON.parse(String(row["envelope"])) as Envelope, seen_at: String(row["seen_at"]) };
}
