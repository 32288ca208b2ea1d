import { parseFilter, passes, resolveTopology } from "@contextpilot/topology";

const topology = resolveTopology();
const consumers = topology.subscriptions.filter(({ raw }) => !raw);

/** The services that handle messages of a type. */
export const consumersOf = (event_type: string): readonly string[] =>
  consumers
    .filter(({ filter }) => filter === undefined || passes(parseFilter(filter), { event_type }))
    .map(({ service }) => service);

/** The families that somebody handles, with their topics. */
export const handled = topology.topics.flatMap(({ name: topic, families }) =>
  families.filter((family) => consumersOf(`${family}.v1`).length > 0).map((family) => ({ topic, family })),
);

export interface BadMessage {
  readonly data: Uint8Array;
  readonly event_type: string;
}

const envelope = (event_type: string, over: object = {}): string =>
  JSON.stringify({
    event_id: "bad",
    event_type,
    timestamp: "2026-03-02T10:00:00Z",
    source: "somebody",
    data: {},
    ...over,
  });
const text = (family: string, json: string): BadMessage => ({ event_type: `${family}.v1`, data: Buffer.from(json) });

/** What is no event that a consumer can handle, by the reason for which it is none. */
export const bad: readonly (readonly [string, string, RegExp, (family: string) => BadMessage])[] = [
  // Without any bytes it would be the clock's tick.
  ["nothing but a space", "invalid-json", /not JSON/, (family) => text(family, " ")],
  [
    "bad UTF-8",
    "invalid-json",
    /not valid UTF-8/,
    (family) => ({ event_type: `${family}.v1`, data: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }),
  ],
  ["no JSON", "invalid-json", /not JSON/, (family) => text(family, `${envelope(`${family}.v1`)},`)],
  [
    "the same key twice",
    "invalid-json",
    /the same key twice/,
    (family) => text(family, envelope(`${family}.v1`).replace("{", '{"event_id":"other",')),
  ],
  [
    "100,000 nested arrays",
    "invalid-json",
    /levels deep/,
    (family) => text(family, "[".repeat(100_000) + "]".repeat(100_000)),
  ],
  [
    "a wrong type in the envelope",
    "invalid-envelope",
    /event_id/,
    (family) => text(family, envelope(`${family}.v1`, { event_id: 7 })),
  ],
  [
    "attributes that say otherwise",
    "attribute-mismatch",
    /event_type/,
    (family) => text(family, envelope("somebody.said.v1")),
  ],
  [
    "an unknown version",
    "unknown-version",
    /v99/,
    (family) => ({ event_type: `${family}.v99`, data: Buffer.from(envelope(`${family}.v99`)) }),
  ],
  ["data of another shape", "invalid-data", /data/, (family) => text(family, envelope(`${family}.v1`))],
];
