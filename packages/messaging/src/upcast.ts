import type { Envelope, EventType } from "@contextpilot/events";
import { heardOf, type DataNamed, type Handler, type Heard } from "./handler.ts";

/**
 * A handler for an older version of an event, run by a newer version's handler: its data is read by its own schema, made into
 * the newer data, and handled as if it had come so. The event stays what it is outside of the handler: its inbox record, and the
 * ids of what it causes, are those of the event as it came. `convert` is pure, and called once a delivery; what the newer schema
 * does not take is a failure of the handler, counted and tried again like any other.
 */
export function upcast<const T extends string, To extends string, Said extends string, Newer, D = DataNamed<T>>(
  older: (T & EventType) | Heard<T, D>,
  newer: Handler<To, Said, Newer>,
  convert: (data: D) => Newer,
): Handler<T, Said, D> {
  const { type, read } = heardOf(older);
  const converted = new WeakMap<Envelope<T, D>, Envelope<To, Newer>>();
  const asNewer = (event: Envelope<T, D>): Envelope<To, Newer> => {
    const known = converted.get(event);
    if (known !== undefined) return known;
    const data = newer.readData(convert(event.data));
    if (!data.ok) throw new TypeError(`${type} as ${newer.type}: data.${data.path}: ${data.problem}`);
    const made = Object.freeze({ ...event, event_type: newer.type, data: data.value });
    converted.set(event, made);
    return made;
  };
  const { claim, ...others } = newer;
  return {
    ...others,
    type,
    readData: read,
    ...(claim === undefined ? {} : { claim: (event) => claim(asNewer(event)) }),
    state: (event) => newer.state(asNewer(event)),
    run: (event, ...rest) => newer.run(asNewer(event), ...rest),
  };
}
