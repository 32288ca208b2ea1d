import { join } from "node:path";
import {
  type GrpcObject,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  loadPackageDefinition,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Block, ProviderSchema, Schema } from "./provider-schema.ts";

/** A provider that Terraform finds by its address. */
export interface ServedProvider extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string;
}

/**
 * Serves a provider that knows its schema and nothing else: Terraform holds every configuration against it. It plans and makes
 * nothing: `terraform test` mocks that.
 */
export async function serveProvider(schema: ProviderSchema): Promise<ServedProvider> {
  const server = new Server();
  const answer = onWire(schema);
  server.addService(providerService(), {
    GetSchema: respond(() => answer),
    PrepareProviderConfig: respond(({ config }: { config: unknown }) => ({ prepared_config: config })),
    ValidateResourceTypeConfig: respond(() => ({})),
    ValidateDataSourceConfig: respond(() => ({})),
    Stop: respond(() => ({})),
  });
  const address = await bind(server);
  return {
    address,
    [Symbol.asyncDispose]: () => new Promise((done) => server.tryShutdown(() => done())),
  };
}

function providerService(): ServiceClientConstructor["service"] {
  const definition = loadSync(join(import.meta.dirname, "plugin.proto"), { keepCase: true, enums: String });
  const { Provider } = loadPackageDefinition(definition)["tfplugin5"] as GrpcObject;
  return (Provider as ServiceClientConstructor).service;
}

type Callback = (error: null, response: unknown) => void;
const respond =
  <Q>(answer: (request: Q) => unknown) =>
  (call: { request: Q }, done: Callback): void =>
    done(null, answer(call.request));

/** Types travel as JSON. */
function onWire({ provider, resource_schemas, data_source_schemas }: ProviderSchema): unknown {
  const all = (schemas: Readonly<Record<string, Schema>>): unknown =>
    Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schemaOnWire(schema)]));
  return {
    provider: schemaOnWire(provider),
    resource_schemas: all(resource_schemas),
    data_source_schemas: all(data_source_schemas),
  };
}

const schemaOnWire = ({ version, block }: Schema): unknown => ({ version, block: blockOnWire(block) });

function blockOnWire({ attributes, block_types }: Block): unknown {
  return {
    attributes: attributes.map((attribute) => ({ ...attribute, type: Buffer.from(JSON.stringify(attribute.type)) })),
    block_types: block_types.map((nested) => ({ ...nested, block: blockOnWire(nested.block) })),
  };
}

function bind(server: Server): Promise<string> {
  return new Promise((done, failed) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? done(`127.0.0.1:${port}`) : failed(error),
    );
  });
}
