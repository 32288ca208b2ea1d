import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { JsonSchema } from "./json-schema.ts";

/** Say nothing about what a schema takes. A default is looked at where its field is. */
const ANNOTATIONS = new Set([
  "$schema",
  "$id",
  "$comment",
  "title",
  "description",
  "examples",
  "deprecated",
  "default",
]);
/** Looked at one by one below. */
const COMPARED = new Set([
  "type",
  "enum",
  "const",
  "anyOf",
  "oneOf",
  "properties",
  "required",
  "items",
  "additionalProperties",
]);
/** Where one of these goes, more is taken than before; of two different ones nobody can say which takes more. */
const CONSTRAINTS = new Set(["pattern", "format", "multipleOf", "uniqueItems", "propertyNames"]);
/** The greater, the less is taken; the second of a pair leaves the limit itself out. */
const LOWER_LIMITS = [["minLength"], ["minItems"], ["minProperties"], ["minimum", "exclusiveMinimum"]] as const;
const UPPER_LIMITS = [["maxLength"], ["maxItems"], ["maxProperties"], ["maximum", "exclusiveMaximum"]] as const;
const LIMITS: ReadonlySet<string> = new Set([...LOWER_LIMITS, ...UPPER_LIMITS].flat());

/**
 * Why a reader's schema `after` may not take the place of `before`, in words that begin with the field; empty where it may.
 * It may where two things hold: it reads whatever was published under `before`, and every field that was always there still is,
 * for the readers that run on. So a field may be added that can be left out, and values, types and limits may become wider. What
 * cannot be compared counts as broken.
 */
export function incompatibilities(before: JsonSchema, after: JsonSchema, path = "data"): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const [olds, news] = [alternativesOf(before), alternativesOf(after)];
  const [old, now] = [olds[0] ?? {}, news[0] ?? {}];
  if (olds.length === 1 && news.length === 1) return narrowings(old, now, path);
  return olds
    .filter((one) => !news.some((each) => narrowings(one, each, path).length === 0))
    .map((one) => `${path}: ${JSON.stringify(one)} was one of its alternatives, and none of the present ones takes it`);
}

function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  const alternatives = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(alternatives) ? alternatives.map(schemaOf) : [schema];
}

function narrowings(before: JsonSchema, after: JsonSchema, path: string): readonly string[] {
  const values = valuesOf(before);
  if (values !== undefined) {
    const reader = z.fromJSONSchema(after);
    const refused = values.filter((value) => !reader.safeParse(value).success);
    return refused.length === 0 ? [] : [`${path}: no longer takes ${listed(refused)}`];
  }
  return [
    ...typeNarrowings(before, after).map((problem) => `${path}: ${problem}`),
    ...limitNarrowings(before, after).map((problem) => `${path}: ${problem}`),
    ...otherChanges(before, after).map((problem) => `${path}: ${problem}`),
    ...fieldNarrowings(before, after, path),
    ...innerNarrowings(before, after, path),
  ];
}

function typeNarrowings(before: JsonSchema, after: JsonSchema): readonly string[] {
  const values = valuesOf(after);
  if (values !== undefined) return [`takes only ${listed(values)} now`];
  const [olds, news] = [typesOf(before), typesOf(after)];
  if (news === undefined) return [];
  if (olds === undefined) return [`takes only ${listed(news)} now, took anything`];
  const gone = olds.filter((type) => !news.includes(type) && !(type === "integer" && news.includes("number")));
  return gone.length === 0 ? [] : [`is ${listed(news)} now, was ${listed(olds)}`];
}

function limitNarrowings(before: JsonSchema, after: JsonSchema): readonly string[] {
  const narrowed = (names: readonly string[], sign: 1 | -1): boolean => {
    const [old, oldOpen] = limitOf(before, names, sign);
    const [now, nowOpen] = limitOf(after, names, sign);
    return now > old || (now === old && nowOpen && !oldOpen);
  };
  return [
    ...LOWER_LIMITS.filter((names) => narrowed(names, 1)),
    ...UPPER_LIMITS.filter((names) => narrowed(names, -1)),
  ].map((names) => `takes ${limitInWords(after, names)} now, took ${limitInWords(before, names)}`);
}

/** A limit so that the greater is the narrower, and whether the limit itself is out. */
function limitOf(schema: JsonSchema, names: readonly string[], sign: 1 | -1): readonly [number, boolean] {
  const limits = names.flatMap((name, index): [number, boolean][] => {
    const value = schema[name];
    return typeof value === "number" ? [[value * sign, index === 1]] : [];
  });
  return limits.sort(([a], [b]) => b - a)[0] ?? [-Infinity, false];
}

function limitInWords(schema: JsonSchema, names: readonly string[]): string {
  const name = names.find((each) => schema[each] !== undefined);
  return name === undefined ? `any ${names[0]}` : `${name} ${JSON.stringify(schema[name])}`;
}

function otherChanges(before: JsonSchema, after: JsonSchema): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => !ANNOTATIONS.has(name) && !COMPARED.has(name) && !LIMITS.has(name))
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .filter((name) => !(CONSTRAINTS.has(name) && after[name] === undefined))
    .map((name) => `${name} is ${shown(after[name])} now, was ${shown(before[name])}`);
}

function fieldNarrowings(before: JsonSchema, after: JsonSchema, path: string): readonly string[] {
  const [olds, news] = [fieldsOf(before), fieldsOf(after)];
  const added = [...news.keys()].filter((name) => !olds.has(name) && isRequired(after, name));
  return [
    ...[...olds].flatMap(([name, old]): readonly string[] => {
      const now = news.get(name);
      const place = `${path}.${name}`;
      if (now === undefined) return [`${place}: is gone, and readers of it run on`];
      return [
        ...presenceChanges(before, after, name).map((problem) => `${place}: ${problem}`),
        ...incompatibilities(old, now, place),
      ];
    }),
    ...added.map((name) => `${path}.${name}: is new and required; what was published without it can no longer be read`),
  ];
}

function presenceChanges(before: JsonSchema, after: JsonSchema, name: string): readonly string[] {
  const [was, is] = [isRequired(before, name), isRequired(after, name)];
  const [old, now] = [fieldsOf(before).get(name)?.["default"], fieldsOf(after).get(name)?.["default"]];
  if (!was && is) return ["is required now; what was published without it can no longer be read"];
  // A writer fills in defaults.
  if (was && !is && now === undefined) return ["may be left out now, and readers that require it run on"];
  if (old === undefined || now === undefined || isDeepStrictEqual(old, now)) return [];
  return [
    `its default is ${shown(now)} now, was ${shown(old)}: what was published without it would say something else`,
  ];
}

function innerNarrowings(before: JsonSchema, after: JsonSchema, path: string): readonly string[] {
  return [
    ...incompatibilities(schemaOf(before["items"]), schemaOf(after["items"]), `${path}[]`),
    ...incompatibilities(
      schemaOf(before["additionalProperties"]),
      schemaOf(after["additionalProperties"]),
      `${path}.*`,
    ),
  ];
}

/** A schema within another; one that is not there takes anything, `false` takes nothing. */
function schemaOf(value: unknown): JsonSchema {
  if (value === false) return { not: {} };
  return typeof value === "object" && value !== null ? (value as JsonSchema) : {};
}

function fieldsOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  return new Map(Object.entries(schemaOf(schema["properties"])).map(([name, field]) => [name, schemaOf(field)]));
}

function isRequired({ required }: JsonSchema, name: string): boolean {
  return Array.isArray(required) && required.includes(name);
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  return "const" in schema ? [schema["const"]] : Array.isArray(schema["enum"]) ? schema["enum"] : undefined;
}

function typesOf({ type }: JsonSchema): readonly unknown[] | undefined {
  return type === undefined ? undefined : Array.isArray(type) ? type : [type];
}

const listed = (values: readonly unknown[]): string => values.map(shown).join(", ");
const shown = (value: unknown): string =>
  value === undefined ? "none" : typeof value === "string" ? value : JSON.stringify(value);
