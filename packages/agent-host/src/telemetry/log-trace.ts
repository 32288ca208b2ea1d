import type { Attributes } from "@contextpilot/events";

/** https://www.w3.org/TR/trace-context/#traceparent-header: version, trace, parent, flags. */
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}/;

/**
 * The fields by which Cloud Logging shows a line beside its trace, of a message that carries one; none otherwise.
 * https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
 */
export function logTrace(attributes: Attributes = {}, projectId: string | undefined): object {
  const [, traceId, spanId] = TRACEPARENT.exec(attributes["traceparent"] ?? "") ?? [];
  if (projectId === undefined || traceId === undefined) return {};
  return {
    "logging.googleapis.com/trace": `projects/${projectId}/traces/${traceId}`,
    "logging.googleapis.com/spanId": spanId,
  };
}
