import type { Draft, DraftOptions } from "@contextpilot/events";
import type { BusPublisher, Published } from "./bus-publisher.ts";
import type { PublishOptions } from "./prepare-event.ts";

/** The definitions of one domain's events, by the names that its publisher calls them. */
export type DomainEvents = Readonly<Record<string, (data: never, options?: DraftOptions) => Draft>>;

/** For each event a method that takes its data, and publishes it; further arguments as its definition and as `publish` take them. */
export type DomainPublisher<E extends DomainEvents> = {
  readonly [K in keyof E]: (
    data: Parameters<E[K]>[0],
    draftOptions?: DraftOptions,
    options?: PublishOptions,
  ) => Promise<Published>;
};

/**
 * Publishes the events of a domain by name: `users.registered({ user_id })`. A method rejects with a TypeError that names the field
 * where the data is not as its definition says, and otherwise as {@link BusPublisher.publish} does.
 */
export function domainPublisher<const E extends DomainEvents>(
  publisher: Pick<BusPublisher, "publish">,
  events: E,
): DomainPublisher<E> {
  const methods = Object.entries(events).map(([name, define]) => {
    const publish = async (data: never, draftOptions?: DraftOptions, options?: PublishOptions): Promise<Published> =>
      publisher.publish(define(data, draftOptions), options);
    return [name, publish] as const;
  });
  return Object.fromEntries(methods) as unknown as DomainPublisher<E>;
}
