import { type Assembly, type JsiiProperty, schemaOf } from "./jsii-schema.ts";

const string = { primitive: "string" };
const orLater = (type: object) => ({ union: { types: [type, { fqn: "cdktf.IResolvable" }] } });

/** A topic with a name, labels, a policy of zones, and an address that Google gives. */
const assembly: Assembly = {
  types: {
    "p.Provider": { name: "GoogleProvider", base: "cdktf.TerraformProvider" },
    "p.ProviderConfig": { name: "GoogleProviderConfig", properties: [setting("alias", "alias", string, true)] },
    "p.Topic": {
      name: "Topic",
      base: "cdktf.TerraformResource",
      docs: { summary: "Represents a {@link https://registry.test/topic google_topic}." },
      properties: [
        { name: "tfResourceType", static: true, type: string },
        { name: "name", type: string },
        { name: "nameInput", type: string },
        { name: "selfLink", type: string },
        { name: "zones", type: { fqn: "p.TopicZonesList" } },
      ],
    },
    "p.TopicConfig": {
      name: "TopicConfig",
      properties: [
        setting("name", "name", string, false),
        setting("enableIpv4Only", "enable_ipv4_only", orLater({ primitive: "boolean" }), true),
        setting("labels", "labels", { collection: { kind: "map", elementtype: string } }, true),
        setting("id", "id", string, true),
        setting("policy", "policy", { fqn: "p.TopicPolicy" }, false),
        setting(
          "rule",
          "rule",
          orLater({ collection: { kind: "array", elementtype: { fqn: "p.TopicPolicy" } } }),
          true,
        ),
        setting("timeouts", "timeouts", { fqn: "p.TopicPolicy" }, true),
      ],
    },
    "p.TopicPolicy": { name: "TopicPolicy", properties: [setting("regions", "regions", array(string), false)] },
    "p.TopicZonesOutputReference": {
      name: "TopicZonesOutputReference",
      properties: [
        { name: "fqn", type: string },
        { name: "zoneName", type: string },
      ],
    },
  },
};

const { provider, resource_schemas } = schemaOf(assembly);
const topic = resource_schemas["google_topic"]?.block;

test("arguments have their own names and types, and are required or optional", () => {
  expect(topic?.attributes).toEqual(
    expect.arrayContaining([
      { name: "name", type: "string", required: true },
      { name: "enable_ipv4_only", type: "bool", optional: true },
      { name: "labels", type: ["map", "string"], optional: true },
    ]),
  );
});

test("what is not an argument is computed, and an id is whatever happens", () => {
  expect(topic?.attributes).toEqual(
    expect.arrayContaining([
      { name: "self_link", type: "string", computed: true },
      { name: "zones", type: ["list", ["object", { zone_name: "string" }]], computed: true },
      { name: "id", type: "string", optional: true, computed: true },
    ]),
  );
  expect(topic?.attributes.map(({ name }) => name)).not.toContain("tf_resource_type");
});

test("a nested block stands once or any number of times, and must where it is required", () => {
  const block = { attributes: [{ name: "regions", type: ["list", "string"], required: true }], block_types: [] };
  expect(topic?.block_types).toEqual([
    { type_name: "policy", block, nesting: "LIST", min_items: 1, max_items: 1 },
    { type_name: "rule", block, nesting: "LIST", min_items: 0, max_items: 0 },
    { type_name: "timeouts", block, nesting: "SINGLE", min_items: 0, max_items: 0 },
  ]);
});

test("a provider's alias is Terraform's own", () => {
  expect(provider.block.attributes).toEqual([]);
});

test("a class without its name in Terraform is not guessed", () => {
  const nameless = { "p.Topic": { name: "Topic", base: "cdktf.TerraformResource" } };
  expect(() => schemaOf({ types: nameless })).toThrow("Topic does not say its name in Terraform");
});

function array(elementtype: object) {
  return { collection: { kind: "array" as const, elementtype } };
}

function setting(name: string, terraform: string, type: JsiiProperty["type"], optional: boolean): JsiiProperty {
  const docs = {
    remarks: `Docs at Terraform Registry: {@link https://registry.test/topic#${terraform} Topic#${terraform}}`,
  };
  return { name, type, optional, docs };
}
