import { execFileSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { contextUpdate } from "@contextpilot/events";
import { MemoryStore, MessageError, createReceiver, handler } from "@contextpilot/messaging";
import { RecordingPublisher, goodCommit } from "@contextpilot/testing";
import { logTrace } from "./log-trace.ts";
import { openTelemetry } from "./open-telemetry.ts";
import type { Telemetry } from "./telemetry.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number; readonly message?: string };
}
interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";

let collector: Server;
let spans: Span[];
let telemetry: Telemetry;

beforeEach(async () => {
  spans = [];
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const sent = JSON.parse(Buffer.concat(chunks).toString()) as Export;
      spans.push(...sent.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((listening) => collector.listen(0, "127.0.0.1", listening));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
  const opened = await openTelemetry("context-agent", process.env);
  if (opened === undefined) throw new Error("telemetry is off");
  telemetry = opened;
});
afterEach(async () => {
  delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  await telemetry.close();
  collector.closeAllConnections();
  await new Promise((closed) => collector.close(closed));
});

/** An agent that says one update of each commit, or fails. */
function agent(publisher: RecordingPublisher, failing = false) {
  const { tracing } = telemetry;
  const measure = handler("git.commit.v1", {
    decide: ({ data: { commit_hash, files_changed } }) => {
      if (failing) throw MessageError.retryable("unavailable", "git is down");
      const measured = { lines_added: 1, lines_removed: 0, impact_score: 1, change_type: "fix" };
      const read = contextUpdate.read({ commit_hash, files_changed, ...measured });
      return { events: read.ok ? [contextUpdate(read.value)] : [] };
    },
  });
  const { receive } = createReceiver({
    service: "context-agent",
    handlers: Object.values(tracing.handlers({ "git.commit.v1": measure })),
    store: tracing.store(new MemoryStore()),
    publisher: tracing.publisher(publisher),
  });
  return tracing.receive(receive);
}

const push = (attributes: Record<string, string>) => ({
  messageId: "1",
  publishTime: "2026-03-02T09:00:00Z",
  subscription: "context-from-git",
  deliveryAttempt: 1,
  ...goodCommit(),
  attributes: { ...goodCommit().attributes, ...attributes },
});

test("a delivery goes on in its caller's trace, with a span for each step, and what is published carries it further", async () => {
  const publisher = new RecordingPublisher();
  const outcome = await agent(publisher)(push({ traceparent: `00-${TRACE}-${CALLER}-01` }));
  await telemetry.close();

  expect(outcome.kind).toBe("handled");
  const receiving = spans.find(({ parentSpanId }) => parentSpanId === CALLER);
  expect(receiving?.name).toBe("receive context-from-git");
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  const within = spans.filter(({ parentSpanId }) => parentSpanId === receiving?.spanId);
  expect(within.map(({ name }) => name)).toEqual(["decide git.commit.v1", "store commit", "publish context-updates"]);
  const publishing = within.find(({ name }) => name.startsWith("publish"));
  expect(publisher.messages.map(({ attributes }) => attributes["traceparent"])).toEqual([
    `00-${TRACE}-${publishing?.spanId}-01`,
  ]);
});

test("a failure is a span in error, with the code and none of the message's words", async () => {
  const outcome = await agent(new RecordingPublisher(), true)(push({}));
  await telemetry.close();

  expect(outcome.kind).toBe("retry");
  const failed = spans.filter(({ status }) => status.code === 2);
  expect(failed.map(({ name, status }) => [name, status.message])).toEqual([
    ["decide git.commit.v1", "MessageError"],
    ["receive context-from-git", "unavailable"],
  ]);
});

test("a line of the log names the trace of the message that it tells of", () => {
  const traceparent = `00-${TRACE}-${CALLER}-01`;
  expect(logTrace({ traceparent }, "shop")).toEqual({
    "logging.googleapis.com/trace": `projects/shop/traces/${TRACE}`,
    "logging.googleapis.com/spanId": CALLER,
  });
  expect(logTrace({ traceparent }, undefined)).toEqual({});
  expect(logTrace({ traceparent: "anything" }, "shop")).toEqual({});
});

test("where nothing is configured nothing of OpenTelemetry is loaded", () => {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { openTelemetry } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    const off = [await openTelemetry("test", {}), await openTelemetry("test", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1", OTEL_SDK_DISABLED: "true" })];
    console.log(JSON.stringify({ off: off.filter((each) => each !== undefined).length, loaded: loaded.filter((url) => url.includes("opentelemetry")).length, all: loaded.length > 50 }));
  `;
  const said = execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  expect(JSON.parse(said)).toEqual({ off: 0, loaded: 0, all: true });
});
