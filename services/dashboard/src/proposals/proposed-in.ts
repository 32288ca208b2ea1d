import type { Logger } from "@contextpilot/agent-host";
import { proposalCreated, proposalUpdated, type Envelope } from "@contextpilot/events";
import { MessageError, resolveData, type Payloads } from "@contextpilot/messaging";
import type { ProposedEvent } from "./proposal.ts";

const definitions = [proposalCreated, proposalUpdated];

/**
 * The proposal that an event makes or updates, with its data from wherever it is kept; undefined for any other event, and with a line in the
 * log for one whose data is no proposal's or is not to be had. Rejects where the payload store fails.
 */
export async function proposedIn(
  event: Envelope,
  { payloads, logger }: { readonly payloads: Payloads | undefined; readonly logger: Logger },
): Promise<ProposedEvent | undefined> {
  const definition = definitions.find(({ type }) => type === event.event_type);
  if (definition === undefined) return undefined;
  try {
    const read = definition.read(await resolveData(event, payloads));
    if (read.ok) return { ...event, data: read.value };
    logger.warn({ event_id: event.event_id, reason: `${read.path}: ${read.problem}` }, "not a proposal, not filed");
  } catch (thrown) {
    const error = MessageError.from(thrown);
    if (error.code === "store-failed") throw error;
    logger.warn({ event_id: event.event_id, reason: error.message }, "a proposal without its data, not filed");
  }
  return undefined;
}
