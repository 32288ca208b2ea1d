import { definitionOf, readEnvelope, type Attributes, type Envelope } from "@contextpilot/events";
import { MessageError, parseStrictJson, type OutgoingMessage } from "@contextpilot/messaging";
import { parseFilter, passes, resolveTopology } from "@contextpilot/topology";
import { messageAgain } from "../message-again.ts";
import type { DeadLetter, KeptDeadLetter } from "../read-model.ts";

/** The message that brings a dead letter back to its consumer; or why there can be none. */
export type Returned =
  | { readonly ok: true; readonly message: OutgoingMessage }
  | { readonly ok: false; readonly problem: string };

const { subscriptions } = resolveTopology();

/**
 * A dead letter as the message that it was: its bytes, its attributes and its generation, to the topic from which its consumer
 * heard it. `redrive_to` keeps it from everybody else, `redriven_from` names the dead letter, `retry_count` says how often somebody
 * has brought the message back.
 */
export function redriven({ deadLetter, data }: KeptDeadLetter): Returned {
  const { dead_letter_id, consumer, code, subscription } = deadLetter;
  if (code === "invalid-push") {
    return refused(
      "its push request could not be read, so there is no message to send again: resend it edited, or discard it",
    );
  }
  const heardOn = subscriptions.find(({ name }) => name === subscription);
  if (heardOn === undefined) {
    const where = subscription === undefined ? "it does not say where it was heard" : `there is no ${subscription} now`;
    return refused(`${where}: resend it edited, or discard it`);
  }
  const attributes = {
    ...withoutDeath(deadLetter.attributes),
    redrive_to: consumer,
    redriven_from: dead_letter_id,
    retry_count: String(retriesOf(deadLetter.attributes) + 1),
  };
  return addressed(deadLetter, { topic: heardOn.topic, data, attributes, ...orderingIn(attributes) });
}

/**
 * Edited bytes as a new message to the consumer of a dead letter, which `resent_from` names: an event of a type that the
 * house knows, with attributes of its own.
 */
export function resent({ deadLetter }: KeptDeadLetter, edited: Uint8Array): Returned {
  const read = readEvent(edited);
  if (!read.ok) return read;
  const own = { redrive_to: deadLetter.consumer, resent_from: deadLetter.dead_letter_id };
  return addressed(deadLetter, { ...messageAgain(read.event, own), data: edited });
}

/** A message only its addressee hears must be heard by that one. */
function addressed({ consumer }: DeadLetter, message: OutgoingMessage): Returned {
  const isHeard = subscriptions.some(
    ({ service, topic, filter }) =>
      service === consumer &&
      topic === message.topic &&
      (filter === undefined || passes(parseFilter(filter), message.attributes)),
  );
  if (isHeard) return { ok: true, message };
  const type = message.attributes["event_type"] ?? "messages without an event type";
  return refused(`${consumer} does not hear ${type} on ${message.topic}, and nobody else would take it`);
}

/** Anyone may have written it: what is no number counts as none. */
const retriesOf = ({ retry_count = "0" }: Attributes): number =>
  /^\d{1,6}$/.test(retry_count) ? Number(retry_count) : 0;

/** The message's own attributes. Pub/Sub: at most 100, and three are added here. */
function withoutDeath(attributes: Attributes): Attributes {
  const own = Object.entries(attributes).filter(([key]) => !/^(?:dead_letter_|CloudPubSubDeadLetter)/.test(key));
  return Object.fromEntries(own.slice(0, 97));
}

function orderingIn({ ordering_key: orderingKey }: Attributes): { orderingKey?: string } {
  return orderingKey === undefined ? {} : { orderingKey };
}

function readEvent(data: Uint8Array): { ok: true; event: Envelope } | { ok: false; problem: string } {
  try {
    const read = readEnvelope(parseStrictJson(data));
    if (!read.ok) return refused(`${read.path === "" ? "the envelope" : read.path}: ${read.problem}`);
    const definition = definitionOf(read.value.event_type);
    if (definition === undefined) return refused(`event_type: the house does not know ${read.value.event_type}`);
    // Data that is kept elsewhere is checked where it is fetched.
    const checked = read.value.data_ref === undefined ? definition.read(read.value.data) : undefined;
    if (checked?.ok === false)
      return refused(`data${checked.path === "" ? "" : `.${checked.path}`}: ${checked.problem}`);
    return { ok: true, event: read.value };
  } catch (thrown) {
    return refused(MessageError.from(thrown).message);
  }
}

const refused = (problem: string): { ok: false; problem: string } => ({ ok: false, problem });
