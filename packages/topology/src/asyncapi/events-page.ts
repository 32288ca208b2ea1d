import { catalogue, type EventType } from "@contextpilot/events";
import { topicOf } from "../resolve.ts";
import { eventTypes, hearersOf, speakersOf, type AsyncApiDocument } from "./document.ts";
import type { EventComments } from "./event-comments.ts";

const HEAD = `# Events

What is said in the house: each event with its topic, who says it, who hears it, and the fields of its data. The fields that every event has around them
stand at the end. [asyncapi.json](asyncapi.json) says the same to programs, as AsyncAPI 3.

Made by \`node packages/topology/src/asyncapi/generate.ts\` from packages/topology, packages/events and its comments.
`;

/** docs/events.md: the AsyncAPI document for people. */
export function eventsPage(
  document: AsyncApiDocument,
  comments: ReadonlyMap<string, EventComments>,
  envelope: ReadonlyMap<string, string>,
): string {
  const { schemas } = document.components;
  const overview = eventTypes.map(
    (type) => `| [${type}](#${anchorOf(type)}) | ${speakersOf(type).join(", ")} | ${hearers(type)} |`,
  );
  const parts = eventTypes.map((type) => {
    const said = comments.get(type);
    const speakers = speakersOf(type).join(", ");
    return `## ${type}

${said?.event ?? ""}

On ${topicOf(type)}, said by ${speakers}. Heard by ${hearers(type)}.

${fieldTable(schemas[type] ?? {}, said?.fields ?? new Map())}`;
  });
  return [
    HEAD,
    `| event | said by | heard by |\n| --- | --- | --- |\n${overview.join("\n")}\n`,
    ...parts,
    `## The envelope\n\nAround the data of every event.\n\n${fieldTable(schemas["envelope"] ?? {}, envelope)}`,
  ].join("\n");
}

/** Whoever acts on it first; then those that keep it for people. */
function hearers(type: EventType): string {
  const all = hearersOf(type);
  const services = [...all.filter(({ raw }) => !raw), ...all.filter(({ raw }) => raw)].map(({ service }) => service);
  return [...new Set(services)].join(", ") || "nobody yet";
}

const anchorOf = (type: EventType): string => catalogue[type].type.replaceAll(".", "");

function fieldTable(schema: Field, words: ReadonlyMap<string, string>): string {
  const rows = rowsOf(schema, "", words).map((cells) => `| ${cells.map(inCell).join(" | ")} |`);
  return `| field | what it may be | what it is |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

/** As much of a JSON Schema as the page shows. */
interface Field {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Field[];
  readonly items?: Field;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A row a field; those within an object or a list stand behind it, by their path. */
function rowsOf(
  { properties = {}, required = [] }: Field,
  prefix: string,
  words: ReadonlyMap<string, string>,
): string[][] {
  const fields = Object.entries(properties);
  const sorted = fields.toSorted(([a], [b]) => Number(required.includes(b)) - Number(required.includes(a)));
  return sorted.flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    return [
      [`\`${path}\``, mayBe(field, required.includes(name)), words.get(name) ?? ""],
      ...rowsOf(field, `${path}.`, words),
      ...rowsOf(field.items ?? {}, `${path}[].`, words),
    ];
  });
}

function mayBe(field: Field, isRequired: boolean): string {
  const otherwise = field.default === undefined ? "optional" : `default ${JSON.stringify(field.default)}`;
  return isRequired ? kindOf(field) : `${kindOf(field)}; ${otherwise}`;
}

function kindOf(field: Field): string {
  const { type = "anything", format = "text", pattern } = field;
  if (field.enum !== undefined) return field.enum.map((value) => JSON.stringify(value)).join(", ");
  if (field.anyOf !== undefined) return field.anyOf.map(kindOf).join(" or ");
  if (type === "array") return `list${range(field.minItems, field.maxItems)} of ${kindOf(field.items ?? {})}`;
  if (pattern !== undefined) return `text as \`${pattern}\``;
  if (type === "string") return `${format}${range(field.minLength, field.maxLength, " characters")}`;
  return `${type}${range(field.minimum, field.maximum)}`;
}

/** The bounds that somebody chose: not those of a machine's numbers. */
function range(low: number | undefined, high: number | undefined, unit = ""): string {
  if (high !== undefined && high < Number.MAX_SAFE_INTEGER) {
    return low === undefined ? `, up to ${high}${unit}` : `, ${low} to ${high}${unit}`;
  }
  return low === undefined ? "" : `, ${low} or more${unit}`;
}

/** A bar would end the cell. */
const inCell = (text: string): string => text.replaceAll("|", "\\|");
