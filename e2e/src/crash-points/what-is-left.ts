import { readEnvelope } from "@contextpilot/events";
import { COMMITS, SERVICES } from "./scene.ts";

/** What a house that has ended left behind, as it stands there. */
export interface Remains {
  /** Each message that was said on the topic of nudges, and each dead letter; some of them may be there twice. */
  readonly said: readonly KeptMessage[];
  readonly letters: readonly KeptMessage[];
  /** By service. */
  readonly documents: Readonly<Record<string, readonly KeptDocument[]>>;
  /** Messages that somebody has not acked, in words. */
  readonly backlog: readonly string[];
}

export interface KeptMessage {
  readonly data: Uint8Array;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface KeptDocument {
  readonly key: string;
  readonly value: unknown;
  /** Whether it waits for a time. */
  readonly due: boolean;
}

/** What a house that has ended left, in words that are the same in every run that kept every promise. */
export interface Left {
  /** What was said, and how many events said it. */
  readonly said: readonly string[];
  readonly letters: readonly string[];
  /** What each service remembers to have handled. */
  readonly inboxes: Readonly<Record<string, readonly string[]>>;
  /** What each service counted, in its state. */
  readonly counted: Readonly<Record<string, readonly string[]>>;
  /** Claims, leftovers of an outbox, what is due, what waits on the bus: nothing, at the end. */
  readonly waiting: readonly string[];
}

export function whatIsLeft({ said, letters, documents, backlog }: Remains): Left {
  const words = new Map(COMMITS.map(({ event_id, data }) => [event_id, wordOf((data as { message: string }).message)]));
  for (const message of said) words.set(message.attributes["event_id"] ?? "", titleOf(message));
  const kind = (service: string, name: string) =>
    (documents[service] ?? []).filter(({ key }) => key.startsWith(`default/${service}/${name}/`));
  return {
    said: [...new Map(said.map((message) => [message.attributes["event_id"], titleOf(message)])).values()].toSorted(),
    letters: [...new Set(letters.map(letterOf))].toSorted(),
    inboxes: ofEach((service) =>
      kind(service, "inbox").map(({ value }) => {
        const { event_id } = value as { event_id: string };
        return words.get(event_id) ?? `${event_id}, which nobody said`;
      }),
    ),
    counted: ofEach((service) =>
      kind(service, "tallies").flatMap(({ value }) => (value as { counted: string[] }).counted.map(wordOf)),
    ),
    waiting: [
      ...SERVICES.flatMap((service) => [...kind(service, "claims"), ...kind(service, "outbox")].map(({ key }) => key)),
      ...SERVICES.flatMap((service) => kind(service, "alarms").flatMap(({ key, due }) => (due ? [key] : []))),
      ...backlog,
    ],
  };
}

/** A time in it is of its run. */
const wordOf = (title: string): string => title.replace(/^(woken) .*/, "$1");

/** Of a large one the data is elsewhere. */
function titleOf({ data }: KeptMessage): string {
  const read = readEnvelope(JSON.parse(new TextDecoder().decode(data)));
  if (!read.ok) return `unreadable: ${read.problem}`;
  const { data: said, data_ref } = read.value;
  return data_ref === undefined ? wordOf((said as { title: string }).title) : "counted large";
}

const letterOf = ({ attributes }: KeptMessage): string =>
  [attributes["event_id"], attributes["dead_letter_consumer"], attributes["dead_letter_code"]].join(" ");

function ofEach(find: (service: string) => readonly string[]) {
  return Object.fromEntries(SERVICES.map((service) => [service, find(service).toSorted()]));
}
