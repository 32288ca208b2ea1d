/** A provider's schema in the form of Terraform's plugin protocol. */
export interface ProviderSchema {
  readonly provider: Schema;
  readonly resource_schemas: Readonly<Record<string, Schema>>;
  readonly data_source_schemas: Readonly<Record<string, Schema>>;
}

export interface Schema {
  readonly version: number;
  readonly block: Block;
}

export interface Block {
  readonly attributes: readonly Attribute[];
  readonly block_types: readonly NestedBlock[];
}

export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
}

/** `"string"`, `["map", "string"]`, `["list", ["object", { name: "string" }]]`. */
export type AttributeType =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | readonly ["list" | "map", AttributeType]
  | readonly ["object", Readonly<Record<string, AttributeType>>];

export interface NestedBlock {
  readonly type_name: string;
  readonly block: Block;
  readonly nesting: "SINGLE" | "LIST";
  readonly min_items: number;
  /** 0: any number. */
  readonly max_items: number;
}

/** The schema without the resources and data sources that are not named. */
export function onlyTypes(schema: ProviderSchema, names: ReadonlySet<string>): ProviderSchema {
  const kept = (all: Readonly<Record<string, Schema>>): Record<string, Schema> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
  return {
    provider: schema.provider,
    resource_schemas: kept(schema.resource_schemas),
    data_source_schemas: kept(schema.data_source_schemas),
  };
}
