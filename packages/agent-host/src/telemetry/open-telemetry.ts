import type { Environment } from "../environment.ts";
import type { Telemetry } from "./telemetry.ts";

/** OpenTelemetry's own names for where traces go: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const ENDPOINTS = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"] as const;

/**
 * Traces of a process, sent by OTLP over HTTP to where the environment says (OTEL_EXPORTER_OTLP_ENDPOINT, and OpenTelemetry's other
 * variables). Undefined where it says nothing, or OTEL_SDK_DISABLED=true: then nothing of OpenTelemetry is even loaded.
 */
export async function openTelemetry(service: string, env: Environment): Promise<Telemetry | undefined> {
  const isWanted = ENDPOINTS.some((name) => env[name] !== undefined && env[name] !== "");
  if (!isWanted || env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined;
  const { startTelemetry } = await import("./telemetry.ts");
  return startTelemetry(service);
}
