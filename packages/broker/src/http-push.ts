import type { LookupFunction } from "node:net";
import type { Deliver, Delivery } from "@contextpilot/messaging";
import { Agent } from "undici";
import { encodePushRequest } from "./push-request.ts";

/** Gives the bearer token of a push: {@link LocalIssuer}. */
export interface TokenSource {
  token(claims: { readonly audience: string; readonly serviceAccount: string }): Promise<string>;
}

export interface HttpPushOptions {
  readonly tokens: TokenSource;
  /** Hears each push that was not acked, with the reason in a few words. For logs. */
  readonly onNack?: (delivery: Delivery, why: string) => void;
  /** Asked at each push for the endpoint's addresses; no connection is kept then. Default: Node's own, and connections are kept. */
  readonly lookup?: LookupFunction;
}

export interface PushTarget {
  /** The whole URL that is posted to. */
  readonly endpoint: string;
  /** The token's audience. */
  readonly audience: string;
  /** Who pushes: the token's e-mail address. */
  readonly serviceAccount: string;
  /** The subscription's: the time limit of a push. */
  readonly ackDeadlineSeconds: number;
}

/** https://cloud.google.com/pubsub/docs/push#receive_push: these ack, every other answer is a nack. */
const ACK_CODES: ReadonlySet<number> = new Set([102, 200, 201, 202, 204]);

/**
 * Delivers by HTTP push, as Pub/Sub does: `broker.subscribe(name, push.to(target))`. A refused connection, an error of the network
 * or a silence to the ack deadline is a nack. Connections are kept and shared by all targets; the broker's `maxOutstanding`
 * bounds their number.
 */
export class HttpPush {
  readonly #tokens: TokenSource;
  readonly #onNack: (delivery: Delivery, why: string) => void;
  readonly #agent: Agent;

  constructor({ tokens, onNack = () => {}, lookup }: HttpPushOptions) {
    this.#tokens = tokens;
    this.#onNack = onNack;
    const asked = lookup === undefined ? {} : { connect: { lookup }, pipelining: 0 };
    // The ack deadline is the only time limit.
    this.#agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, ...asked });
  }

  /** Throws a TypeError where the endpoint is no URL. */
  to(target: PushTarget): Deliver {
    const { origin, pathname, search } = new URL(target.endpoint);
    const address = { origin, path: pathname + search };
    return async (delivery) => {
      const why = await this.#push(target, address, delivery);
      if (why === undefined) return "ack";
      this.#onNack(delivery, why);
      return "nack";
    };
  }

  /** Ends all connections, and with them the pushes that still run, as nacks. For after the broker's `close`. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Why it is not acked; undefined where it is. */
  async #push(target: PushTarget, address: Address, delivery: Delivery): Promise<string | undefined> {
    try {
      const authorization = `Bearer ${await this.#tokens.token(target)}`;
      const request = { ...address, authorization, body: encodePushRequest(delivery) };
      const status = await new Promise<number>((resolve, reject) => {
        this.#exchange(request, target.ackDeadlineSeconds, resolve).catch(reject);
      });
      return ACK_CODES.has(status) ? undefined : `answered ${status}`;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** The status decides, as soon as it is there; a body that comes after it is read, because it holds up its connection. */
  async #exchange({ origin, path, authorization, body }: Request, seconds: number, answered: (status: number) => void) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new Error(`no answer within ${seconds} s`)), seconds * 1000);
    try {
      const response = await this.#agent.request({
        origin,
        path,
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body,
        signal: limit.signal,
        // 102 Processing comes before the answer proper.
        onInfo: ({ statusCode }) => statusCode === 102 && answered(statusCode),
      });
      answered(response.statusCode);
      await response.body.dump();
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Address {
  readonly origin: string;
  readonly path: string;
}

interface Request extends Address {
  readonly authorization: string;
  readonly body: string;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.message} (${String(error.code)})` : error.message;
}
