import { context, propagation, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { Tracing } from "./tracing.ts";

/** Traces what an agent is made of, until it is closed. */
export interface Telemetry {
  readonly tracing: Tracing;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Becomes the process's one tracer. */
export function startTelemetry(service: string): Telemetry {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": service }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return {
    tracing: new Tracing(trace.getTracer("contextpilot")),
    close: async () => {
      await provider.shutdown();
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}
