import { createEvent, type Draft, type Envelope, type EventType } from "@contextpilot/events";
import {
  MemoryStore,
  createReceiver,
  messageOf,
  type Delivery,
  type HandlersOf,
  type Outcome,
} from "@contextpilot/messaging";
import type { Service } from "@contextpilot/topology";
import { RecordingPublisher } from "./recording-publisher.ts";

/** An event of a story: what is said, and when (`10:20` of the story's day, or a full ISO 8601 time). */
export interface Told {
  readonly draft: Draft<EventType, unknown>;
  readonly at: string;
}

export interface Story {
  /** Lets this happen next; what is said about it is what `expect` looks at. */
  when(...told: readonly Told[]): {
    expect(check: (said: readonly Envelope[], outcomes: readonly Outcome[]) => void): Promise<void>;
  };
}

const STORY_DAY = "2026-03-02";

/** `10:20` or `2026-03-03T10:20` of the story as a full time. */
export const timeOf = (at: string): string =>
  new Date(at.includes("T") ? `${at}Z` : `${STORY_DAY}T${at}:00Z`).toISOString();

/**
 * Tells stories to a service's handlers through the real receive(), with a memory store and the story's own clock:
 * `given(...before).when(...now).expect((said) => …)`. What was said before `when` is not looked at.
 */
export function scenario<S extends Service>(
  service: S,
  handlers: HandlersOf<S>,
): { given(...told: readonly Told[]): Story } {
  return {
    given: (...before) => ({
      when: (...happening) => ({
        expect: async (check) => {
          const publisher = new RecordingPublisher();
          let now = new Date(timeOf("09:00"));
          const store = new MemoryStore({ clock: { now: () => now } });
          const { receive } = createReceiver({ service, handlers, store, publisher, clock: { now: () => now } });
          const tell = async ({ draft, at }: Told, index: number): Promise<Outcome> => {
            now = new Date(timeOf(at));
            const event = createEvent(draft, {
              source: "story",
              timestamp: now.toISOString(),
              event_id: `told-${index}`,
            });
            return receive(deliveryOf(event, { messageId: `message-${index}` }));
          };
          for (const [index, told] of before.entries()) await tell(told, index);
          const alreadySaid = publisher.events.length;
          const outcomes: Outcome[] = [];
          for (const [index, told] of happening.entries()) outcomes.push(await tell(told, before.length + index));
          check(publisher.events.slice(alreadySaid), outcomes);
        },
      }),
    }),
  };
}

/** An event as a bus would hand it over, for the first time. */
export function deliveryOf(event: Envelope, over: Partial<Delivery> = {}): Delivery {
  const { data, attributes } = messageOf(event);
  return {
    messageId: "1",
    data,
    attributes,
    publishTime: event.timestamp,
    subscription: "story",
    deliveryAttempt: 1,
    ...over,
  };
}
