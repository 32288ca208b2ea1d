import { attributesOf, encodeEnvelope, readEnvelope, type Attributes, type Envelope } from "@contextpilot/events";
import { parseStrictJson, type Delivery, type OutgoingMessage } from "@contextpilot/messaging";
import { routingKeyOf } from "@contextpilot/topology";

/** The bus's one topic, and where its dead letters go. */
export const TOPIC = "events";
export const DEAD_LETTER_TOPIC = "events-dlq";

/** Under a symbol, which no log writes down: whoever hears the message in this process gets the event itself. */
const EVENT = Symbol("event");
type CarryingAttributes = Attributes & { readonly [EVENT]?: Envelope };

/** What a message may say beside its event. */
export interface MessageOptions {
  /** Custom attributes, for filters. None may have the name of one of the envelope's. */
  readonly attributes?: Attributes | undefined;
  /** Default: the family and the priority, `agent.started.normal`. */
  readonly routingKey?: string | undefined;
  /** Events with the same one are handled one at a time, in the order of publication, where a subscription is `ordered`. */
  readonly orderingKey?: string | undefined;
  /** False: not on disk, whatever the log. Default: true. */
  readonly persistent?: boolean | undefined;
}

/** An event as a message of the bus. */
export function messageOfEvent(event: Envelope, options: MessageOptions): OutgoingMessage {
  const { attributes, routingKey = routingKeyOf(event), orderingKey, persistent } = options;
  const carrying: CarryingAttributes = Object.assign(attributesOf(event, attributes), { [EVENT]: event });
  return {
    topic: TOPIC,
    data: encodeEnvelope(event),
    attributes: carrying,
    ...(routingKey === undefined ? {} : { routingKey }),
    ...(orderingKey === undefined ? {} : { orderingKey }),
    ...(persistent === undefined ? {} : { persistent }),
  };
}

/** The event of a delivery; read from its bytes where they were on disk meanwhile. Throws where nobody could read them. */
export function eventOf({ attributes, data, messageId }: Delivery): Envelope {
  const carried = (attributes as CarryingAttributes)[EVENT];
  if (carried !== undefined) return carried;
  const read = readEnvelope(parseStrictJson(data));
  if (!read.ok) throw new TypeError(`message ${messageId} is no event: ${read.path} ${read.problem}`);
  return read.value;
}
