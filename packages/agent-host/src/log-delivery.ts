import type { Envelope } from "@contextpilot/events";
import type { Delivery, MessageError, Outcome } from "@contextpilot/messaging";
import type { Logger } from "./logging.ts";
import { logTrace } from "./telemetry/log-trace.ts";

/** How a delivery went, beside its outcome. */
export interface Delivered {
  readonly push: Partial<Delivery>;
  readonly durationMs: number;
  /** Whose traces its line stands beside. */
  readonly projectId: string | undefined;
}

/** Writes a delivery's one line: how it ended, what event, of which chain, which attempt, how long it took. */
export function logDelivery(logger: Logger, delivered: Delivered, outcome: Outcome): void {
  switch (outcome.kind) {
    case "handled":
      logHandled(logger, line(delivered, outcome), outcome);
      return;
    case "taken":
      logger.info(line(delivered, outcome), "taken");
      return;
    case "skipped":
      if (outcome.reason === "another-tenant") {
        // A push for another tenant should not have come here at all.
        logger.warn({ ...line(delivered, outcome), reason: outcome.reason, security: true }, "skipped");
      } else {
        logger.info({ ...line(delivered, outcome), reason: outcome.reason }, "skipped");
      }
      return;
    case "retry":
    case "dead-lettered":
      logger.warn({ ...line(delivered, outcome), ...why(outcome.error) }, outcome.kind);
      return;
  }
}

function logHandled(logger: Logger, facts: object, outcome: Extract<Outcome, { kind: "handled" }>): void {
  const { duplicate, published, note, dataDiffers } = outcome;
  const fields = { ...facts, duplicate, events: published.length, note };
  if (dataDiffers) logger.warn({ ...fields, reason: "same event_id with other data" }, "handled");
  else logger.info(fields, "handled");
}

function line({ push, durationMs, projectId }: Delivered, outcome: Outcome): object {
  const event: Envelope | undefined = outcome.kind === "taken" ? undefined : outcome.event;
  return {
    outcome: outcome.kind,
    subscription: push.subscription,
    message_id: push.messageId,
    event_id: event?.event_id,
    event_type: event?.event_type,
    correlation_id: event?.correlation_id,
    trace_id: event?.trace_id,
    tenant_id: event?.tenant_id,
    attempt: push.deliveryAttempt,
    duration_ms: Math.round(durationMs * 10) / 10,
    ...logTrace(push.attributes, projectId),
  };
}

/** A problem may quote what came in; a line of the log stays a line. */
const MAX_PROBLEM = 1_000;

/** The stack only where a handler threw: every other code says where it happened. */
function why(error: MessageError): object {
  const facts = { reason: error.code, problem: error.message.slice(0, MAX_PROBLEM) };
  return error.code === "handler-failed" ? { ...facts, err: error.cause ?? error } : facts;
}
