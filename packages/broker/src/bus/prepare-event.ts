import { createEvent, parseEventType, withVersion, type Draft, type Envelope, type Origin } from "@contextpilot/events";
import { MAX_HOPS } from "@contextpilot/messaging";
import type { MessageOptions } from "./bus-message.ts";

/**
 * What may be published: a draft of a definition (`defineEvent`), or any event type with its data: `{ event_type: "index.updated",
 * data: { files: 3 } }`. A type without a version is version 1, or what `data.version` says. Data is JSON, and frozen from then on.
 */
export type AnyDraft = Draft<string, unknown>;

/** Where an event stands, where that does not follow from who publishes it. */
export interface PublishOptions extends Partial<Origin>, Omit<MessageOptions, "attributes"> {}

/** Completes a draft. Throws a TypeError where its type is none, or too many causes stand before it. */
export function prepareEvent(draft: AnyDraft, origin: Origin): Envelope {
  const event_type = versioned(draft);
  const event = createEvent(event_type === draft.event_type ? draft : { ...draft, event_type }, origin);
  if (event.hops > MAX_HOPS) {
    throw new TypeError(`${event_type}: ${event.hops} causes stand before it, at most ${MAX_HOPS} may: a loop?`);
  }
  return event;
}

/** Types that were seen to be well formed; there are few. */
const known = new Set<string>();
const MOST_KNOWN = 1000;

function versioned({ event_type, data }: AnyDraft): string {
  if (known.has(event_type)) return event_type;
  const version = typeof data === "object" && data !== null && "version" in data ? data.version : undefined;
  const type = withVersion(event_type, version);
  if (type === undefined || parseEventType(type) === undefined) {
    throw new TypeError(
      `${event_type} is not an event type: two or more lower-case words, as index.updated, and a version`,
    );
  }
  if (type === event_type && known.size < MOST_KNOWN) known.add(type);
  return type;
}
