import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What the load's thread is given. */
export interface Shots {
  readonly port: number;
  /** Request line and headers but for content-length, each ended by CRLF. */
  readonly head: string;
  /** One request each. */
  readonly bodies: readonly string[];
  readonly connections: number;
  /** The status that each must be answered with. */
  readonly expect: number;
}

/** What it gives back. */
export type Answered = { readonly perSecond: number } | { readonly failure: string };

export interface LoadTarget {
  /** `http://127.0.0.1:8080/events` */
  readonly url: string;
  readonly authorization: string;
  readonly bodies: readonly string[];
}

/** As many as the broker pushes at once to one subscription. */
const CONNECTIONS = 100;

/** Posts to a server of this process from a thread of its own: each body once, one at a time on each of 100 connections. */
export class HttpLoad implements AsyncDisposable {
  readonly #worker = new Worker(new URL("./http-load-worker.ts", import.meta.url));

  /** Gives requests a second. Rejects where one is answered by anything but 204. */
  async post({ url, authorization, bodies }: LoadTarget): Promise<number> {
    const { host, port, pathname } = new URL(url);
    const head = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      "content-type: application/json",
      `authorization: ${authorization}`,
      "",
    ].join("\r\n");
    const shots: Shots = {
      port: Number(port),
      head,
      bodies,
      connections: Math.min(CONNECTIONS, bodies.length),
      expect: 204,
    };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of windows; a thread has none
    this.#worker.postMessage(shots);
    const [answered] = (await once(this.#worker, "message")) as [Answered];
    if ("failure" in answered) throw new Error(`the load on ${url} failed: ${answered.failure}`);
    return answered.perSecond;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
