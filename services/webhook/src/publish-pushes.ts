import { createEvent, gitPush, type EventOf } from "@contextpilot/events";
import { messageOf, type Clock, type Publisher } from "@contextpilot/messaging";
import type { Push } from "./read-push.ts";
import { Refusal } from "./refusal.ts";

interface Publishing {
  /** Undefined: `default`. */
  readonly tenant: string | undefined;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly limitMs: number;
}

/**
 * Says one git.push.v1 for each push and resolves with the events when the bus has them all. Their ids follow from repository,
 * ref, before and after: who repeats a push repeats its event. Throws a Refusal where the bus did not say yes within `limitMs`;
 * it may have taken them all the same, which a repetition then does no harm to.
 */
export async function publishPushes(
  pushes: readonly Push[],
  { tenant, publisher, clock, limitMs }: Publishing,
): Promise<readonly EventOf<"git.push.v1">[]> {
  const timestamp = clock.now().toISOString();
  const whose = tenant === undefined ? {} : { tenant_id: tenant };
  const events = pushes.map((push) =>
    createEvent(gitPush(push, { key: pushKey(push) }), { source: "webhook", timestamp, ...whose }),
  );
  try {
    await within(limitMs, publisher.publish(events.map((event) => messageOf(event))));
  } catch (cause) {
    throw new Refusal("bus-unavailable", "the bus did not take the push: send it again", { cause });
  }
  return events;
}

/** A push's natural key, from which its event_id follows. An import is another event than the push that once brought the same commits. */
export function pushKey({ repository, ref, before, after, origin }: Push): readonly string[] {
  return [repository, ref, before, after, ...(origin === "import" ? [origin] : [])];
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
