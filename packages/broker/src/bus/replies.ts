import { parseEventType, type Envelope } from "@contextpilot/events";
import type { RequestOptions } from "./bus-publisher.ts";

/** Nobody answered a request in time. */
export class NoReply extends Error {
  override readonly name = "NoReply";
  readonly event_id: string;

  constructor(request: Envelope, timeoutMs: number) {
    super(`no reply to ${request.event_type} within ${timeoutMs} ms [event=${request.event_id}]`);
    this.event_id = request.event_id;
  }
}

interface Request {
  readonly trace_id: string | undefined;
  readonly replyType: string | undefined;
  readonly answer: (reply: Envelope) => void;
}

/** Requests that wait for an event that names them as its parent. */
export class Replies {
  readonly #requests = new Map<string, Request>();

  wait(request: Envelope, { timeoutMs = 5000, replyType }: RequestOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<Envelope>();
    const timer = setTimeout(() => {
      cancel();
      reject(new NoReply(request, timeoutMs));
    }, timeoutMs);
    const cancel = () => {
      clearTimeout(timer);
      this.#requests.delete(request.event_id);
    };
    const answer = (reply: Envelope) => {
      cancel();
      resolve(reply);
    };
    this.#requests.set(request.event_id, { trace_id: request.trace_id, replyType, answer });
    return { reply: promise, cancel };
  }

  /** An event was published: it may be what somebody waits for. */
  offer(event: Envelope): void {
    if (this.#requests.size === 0 || event.parent_event_id === undefined) return;
    const request = this.#requests.get(event.parent_event_id);
    if (request === undefined || request.trace_id !== event.trace_id) return;
    if (request.replyType === undefined || isOfType(event, request.replyType)) request.answer(event);
  }
}

/** Whether an event is of a type; one without a version means every version. */
export function isOfType({ event_type }: Pick<Envelope, "event_type">, type: string): boolean {
  return event_type === type || parseEventType(event_type)?.family === type;
}
