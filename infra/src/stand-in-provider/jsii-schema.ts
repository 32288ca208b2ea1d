import type { Attribute, AttributeType, Block, NestedBlock, ProviderSchema, Schema } from "./provider-schema.ts";

/** The part that is read of a jsii assembly: the description of a package's classes and interfaces, by their full names. */
export interface Assembly {
  readonly types: Readonly<Record<string, JsiiType>>;
}

export interface JsiiType {
  readonly name: string;
  readonly base?: string;
  readonly docs?: { readonly summary?: string };
  readonly properties?: readonly JsiiProperty[];
}

export interface JsiiProperty {
  readonly name: string;
  readonly type: JsiiTypeReference;
  readonly optional?: boolean;
  readonly static?: boolean;
  readonly docs?: unknown;
}

export interface JsiiTypeReference {
  readonly primitive?: string;
  readonly fqn?: string;
  readonly collection?: { readonly kind: "array" | "map"; readonly elementtype: JsiiTypeReference };
  readonly union?: { readonly types: readonly JsiiTypeReference[] };
}

/**
 * The schema of a provider from the assembly of its CDK package, which was generated from that schema: names, types, and what is
 * required, optional or computed. What the assembly has lost: sets are lists here, an optional attribute is never also
 * computed (but for id), and nothing is known of values, of conflicts between arguments, or of how many blocks a list may have.
 */
export function schemaOf({ types }: Assembly): ProviderSchema {
  const all = Object.entries(types);
  const kept = (base: string): Record<string, Schema> =>
    Object.fromEntries(
      all.flatMap(([fqn, type]) =>
        type.base === base ? [[terraformName(type), typeSchema(types, fqn)] as const] : [],
      ),
    );
  const [provider = ""] = all.find(([, type]) => type.base === "cdktf.TerraformProvider") ?? [];
  return {
    provider: { version: 0, block: withoutAlias(blockOf(types, `${provider}Config`)) },
    resource_schemas: kept("cdktf.TerraformResource"),
    data_source_schemas: kept("cdktf.TerraformDataSource"),
  };
}

/** Every provider has an alias, which is Terraform's own affair. */
const withoutAlias = ({ attributes, block_types }: Block): Block => ({
  attributes: attributes.filter(({ name }) => name !== "alias"),
  block_types,
});

type Types = Assembly["types"];

/** The summary of a class ends with `google_pubsub_topic}`. */
const terraformName = ({ name, docs }: JsiiType): string =>
  /([a-z0-9_]+)\}\.?$/.exec(docs?.summary ?? "")?.[1] ?? fail(`${name} does not say its name in Terraform`);

function typeSchema(types: Types, fqn: string): Schema {
  const { attributes, block_types } = blockOf(types, `${fqn}Config`);
  const known = new Set([...attributes.map(({ name }) => name), ...block_types.map(({ type_name }) => type_name)]);
  const computed = computedOf(types, fqn).filter(({ name }) => !known.has(name));
  const id = attributes.some(({ name }) => name === "id")
    ? []
    : [{ name: "id", type: "string", computed: true } as const];
  const settable = attributes.map((one) => (one.name === "id" && one.optional ? { ...one, computed: true } : one));
  return { version: 0, block: { attributes: [...settable, ...computed, ...id], block_types } };
}

/** What is written in a configuration: the properties of an interface. */
function blockOf(types: Types, fqn: string): Block {
  const properties = types[fqn]?.properties ?? [];
  const attributes: Attribute[] = [];
  const block_types: NestedBlock[] = [];
  for (const property of properties) {
    const block = nestedBlock(types, property);
    if (block !== undefined) block_types.push(block);
    else attributes.push(settable(property));
  }
  return { attributes, block_types };
}

function settable(property: JsiiProperty): Attribute {
  const flag = property.optional === true ? { optional: true } : { required: true };
  return { name: settableName(property), type: attributeType(property.type), ...flag };
}

function nestedBlock(types: Types, property: JsiiProperty): NestedBlock | undefined {
  const type = plain(property.type);
  const element = type.collection?.kind === "array" ? plain(type.collection.elementtype) : type;
  if (element.fqn === undefined) return undefined;
  const type_name = settableName(property);
  const single = type_name === "timeouts";
  return {
    type_name,
    block: blockOf(types, element.fqn),
    nesting: single ? "SINGLE" : "LIST",
    min_items: property.optional === true || single ? 0 : 1,
    max_items: type.collection === undefined && !single ? 1 : 0,
  };
}

/** Somewhere in the documentation of a property stands a link to `…#ack_deadline_seconds …`; a few have lost it. */
const settableName = ({ name, docs }: JsiiProperty): string =>
  /Docs at Terraform Registry: \{@link \S+#(\w+) /.exec(JSON.stringify(docs))?.[1] ?? snakeCase(name);

/** What a class offers and its configuration does not take. */
function computedOf(types: Types, fqn: string): Attribute[] {
  return (types[fqn]?.properties ?? [])
    .filter(({ name, static: fixed }) => fixed !== true && !name.endsWith("Input"))
    .map(({ name, type }) => ({ name: snakeCase(name), type: computedType(types, type), computed: true }));
}

/** Of the classes that stand for nested values, which exist beside `…List` where there are several. */
function computedType(types: Types, reference: JsiiTypeReference): AttributeType {
  const { fqn } = plain(reference);
  if (fqn === undefined) return attributeType(reference);
  if (fqn === "cdktf.IResolvable") return "bool";
  if (fqn === "cdktf.StringMap" || fqn === "cdktf.NumberMap")
    return ["map", fqn === "cdktf.StringMap" ? "string" : "number"];
  if (fqn === "cdktf.BooleanMap") return ["map", "bool"];
  const one = fqn.replace(/List$/, "OutputReference");
  const fields = (types[one]?.properties ?? []).filter(({ name }) => !/^(fqn|internalValue)$|Input$/.test(name));
  return ["list", ["object", Object.fromEntries(fields.map((f) => [snakeCase(f.name), computedType(types, f.type)]))]];
}

function attributeType(reference: JsiiTypeReference): AttributeType {
  const { primitive, collection } = plain(reference);
  if (collection !== undefined)
    return [collection.kind === "array" ? "list" : "map", attributeType(collection.elementtype)];
  if (primitive === "boolean") return "bool";
  return primitive === "string" || primitive === "number" ? primitive : "dynamic";
}

/** Without the CDK's placeholder for a value that is known later. */
function plain(reference: JsiiTypeReference): JsiiTypeReference {
  return reference.union?.types.find(({ fqn }) => fqn !== "cdktf.IResolvable") ?? reference;
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function fail(message: string): never {
  throw new Error(message);
}
