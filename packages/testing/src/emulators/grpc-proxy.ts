import { once } from "node:events";
import {
  connect,
  constants,
  createServer,
  type ClientHttp2Session,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What a call meets on its way. */
export type Fate =
  | { readonly kind: "passes"; readonly afterMs?: number }
  /** Answered here with a status of gRPC; the server never hears of it. */
  | { readonly kind: "refused"; readonly status: number }
  /** The connection ends: before the server hears of the call, or when it has answered and nobody else knows. */
  | { readonly kind: "cut"; readonly when: "before" | "answered" };

/**
 * A proxy for gRPC without TLS, which counts the calls and may stand in their way. It listens on a port of its own, on 127.0.0.1;
 * by its opener it is closed.
 */
export class GrpcProxy {
  /** The methods called, in their order: `Commit`. */
  readonly calls: string[] = [];
  /** Decides over each call as it comes. Default: all pass. */
  fateOf: (method: string) => Fate = () => ({ kind: "passes" });
  readonly #server: Http2Server;
  readonly #upstream: ClientHttp2Session;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #closing = new AbortController();

  /** @param upstream `host:port` of the server */
  static async open(upstream: string): Promise<GrpcProxy> {
    const server = createServer();
    const proxy = new GrpcProxy(server, connect(`http://${upstream}`));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  private constructor(server: Http2Server, upstream: ClientHttp2Session) {
    this.#server = server;
    this.#upstream = upstream;
    upstream.on("error", ignore); // Its streams say so too.
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
      session.on("error", ignore);
    });
    server.on("stream", (stream, headers) => {
      stream.on("error", ignore);
      this.#lead(stream, headers).catch(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    });
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends every connection; nothing passes any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
    this.#upstream.destroy();
    await closed;
  }

  async #lead(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const method = String(headers[":path"]).split("/").at(-1) ?? "";
    this.calls.push(method);
    const fate = this.fateOf(method);
    if (fate.kind === "refused") return refuse(stream, fate.status);
    if (fate.kind === "cut" && fate.when === "before") return stream.session?.destroy();
    if (fate.kind === "passes" && fate.afterMs !== undefined)
      await delay(fate.afterMs, undefined, { signal: this.#closing.signal });
    this.#forward(stream, headers, fate.kind === "cut");
  }

  #forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, cutWhenAnswered: boolean): void {
    if (stream.destroyed) return; // The caller has given up, or another call's end took its connection.
    const request = this.#upstream.request(headers);
    request.on("error", () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    stream.on("close", () => request.close());
    stream.pipe(request);
    if (cutWhenAnswered) {
      request.resume().on("end", () => stream.session?.destroy());
      return;
    }
    let trailers = {};
    request.on("trailers", (received) => (trailers = received));
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    request.on("response", (response, flags) => {
      if (stream.destroyed) return;
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(response, endStream ? { endStream } : { waitForTrailers: true });
      if (!endStream) request.pipe(stream);
    });
  }
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", "grpc-status": String(status), "grpc-message": "not today" },
    { endStream: true },
  );
}

const ignore = (): void => undefined;
