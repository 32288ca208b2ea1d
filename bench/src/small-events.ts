import { attributesOf, createEvent, defineEvent, encodeEnvelope } from "@contextpilot/events";
import { handler, type Delivery, type Handler } from "@contextpilot/messaging";
import * as z from "zod";
import { deliveryOf } from "./commits.ts";

/** As a program's own event is, with two fields: some 270 bytes. */
const indexUpdated = defineEvent("index.updated.v1", (object) => object({ files: z.int(), path: z.string() }));

/** Hears them, and does nothing. */
export const smallHandlers: readonly Handler[] = [
  handler(indexUpdated, { decide: () => ({ events: [] }) }),
] as Handler[];

/** So many small events that nobody has seen, as deliveries of messages 1, 2, 3 … */
export function smallDeliveries(count: number): readonly Delivery[] {
  return Array.from({ length: count }, (_, index) => {
    const draft = indexUpdated({ files: index, path: "src/index.ts" });
    const event = createEvent(draft, { source: "indexer", timestamp: new Date().toISOString() });
    const message = { topic: "topic", data: encodeEnvelope(event), attributes: attributesOf(event) };
    return deliveryOf(message, String(index + 1));
  });
}
