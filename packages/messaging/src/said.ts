import type { Attributes, Envelope } from "@contextpilot/events";
import { orderingKeyOf } from "@contextpilot/topology";
import { MessageError } from "./error.ts";
import { messageOf } from "./message.ts";
import type { Payloads } from "./ports/payloads.ts";
import type { OutgoingMessage } from "./ports/publisher.ts";

/** An event as the outbox keeps it: with what its message needs and the event does not say. */
export interface Said {
  readonly event: Envelope;
  /** The publisher's own. */
  readonly attributes?: Attributes;
  /** Where the data, from which it would follow, is kept elsewhere. */
  readonly ordering_key?: string;
}

/** One handling says at most this much; what is longer goes on in a continuation. */
export const MAX_SAID_BYTES = 512 * 1024;
/** Data that is longer is put into the payload store, and the event carries a reference. */
export const MAX_INLINE_BYTES = 256 * 1024;

/** What a handling says, ready to be committed and published. */
export interface Saying {
  readonly said: readonly Said[];
  readonly messages: readonly OutgoingMessage[];
}

/**
 * Makes messages of what a handling says, each encoded once. Data over 256 KiB is put into the payload store first, where there is
 * one. Throws MessageError `output-too-large` past 512 KiB in all.
 */
export function sayingOf(drafted: readonly Said[], payloads: Payloads | undefined): Saying | Promise<Saying> {
  const messages = drafted.map(messageOfSaid);
  const large = messages.some(({ data }) => data.byteLength > MAX_INLINE_BYTES);
  return large && payloads !== undefined
    ? sayingWithDataElsewhere(drafted, payloads)
    : checked({ said: drafted, messages });
}

async function sayingWithDataElsewhere(drafted: readonly Said[], payloads: Payloads): Promise<Saying> {
  const said = await Promise.all(drafted.map((one) => withDataElsewhere(one, payloads)));
  return checked({ said, messages: said.map(messageOfSaid) });
}

/** The messages of what an earlier delivery said. */
export const messagesOf = (said: readonly Said[]): readonly OutgoingMessage[] => said.map(messageOfSaid);

function messageOfSaid({ event, attributes, ordering_key }: Said): OutgoingMessage {
  return messageOf(event, attributes, ordering_key);
}

function checked(saying: Saying): Saying {
  const bytes = saying.messages.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes <= MAX_SAID_BYTES) return saying;
  const problem = `says ${bytes} bytes at once, at most ${MAX_SAID_BYTES} may be: go on in a continuation`;
  throw MessageError.retryable("output-too-large", problem, { event: saying.said[0]?.event.parent_event_id });
}

async function withDataElsewhere(one: Said, payloads: Payloads): Promise<Said> {
  const bytes = Buffer.from(JSON.stringify(one.event.data), "utf8");
  if (bytes.byteLength <= MAX_INLINE_BYTES) return one;
  const { data: _, ...event } = one.event;
  const orderingKey = orderingKeyOf(one.event);
  try {
    const data_ref = { hash: await payloads.put(bytes), bytes: bytes.byteLength };
    return {
      ...one,
      event: Object.freeze({ ...event, data: undefined, data_ref }),
      ...(orderingKey === undefined ? {} : { ordering_key: orderingKey }),
    };
  } catch (cause) {
    const details = { event: one.event.event_id, bytes: bytes.byteLength };
    throw MessageError.retryable("store-failed", "the payload could not be put aside", details, { cause });
  }
}
