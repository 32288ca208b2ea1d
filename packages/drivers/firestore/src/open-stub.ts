import type { protos } from "@google-cloud/firestore-api";
import type { grpc } from "google-gax";
import type { FirestoreOptions } from "./firestore-connection.ts";

/** The calls that we make: each is one RPC, without a second attempt of the library's own. */
interface Calls {
  commit(
    request: protos.google.firestore.v1.ICommitRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    done: (failure: grpc.ServiceError | null) => void,
  ): void;
  batchGetDocuments(
    request: protos.google.firestore.v1.IBatchGetDocumentsRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): AsyncIterable<protos.google.firestore.v1.IBatchGetDocumentsResponse>;
  runQuery(
    request: protos.google.firestore.v1.IRunQueryRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): AsyncIterable<protos.google.firestore.v1.IRunQueryResponse>;
  runAggregationQuery(
    request: protos.google.firestore.v1.IRunAggregationQueryRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): AsyncIterable<protos.google.firestore.v1.IRunAggregationQueryResponse>;
}

export interface OpenedStub {
  readonly calls: Calls;
  readonly metadata: (routing: string) => grpc.Metadata;
  readonly close: () => Promise<void>;
}

/**
 * The generated client and not the one for people: a third less processor time a commit. Of it only the stub, because the client's
 * own calls repeat themselves, and nobody would know whether an earlier attempt had landed (docs/decisions/0025).
 */
export async function openStub(database: string, { projectId, emulatorHost }: FirestoreOptions): Promise<OpenedStub> {
  const [{ FirestoreClient }, { grpc }] = await Promise.all([
    import("@google-cloud/firestore-api/client_v1"),
    import("google-gax"),
  ]);
  const [host, port] = emulatorHost?.split(":") ?? [];
  const client = new FirestoreClient({
    projectId,
    ...(host !== undefined && {
      servicePath: host,
      port: Number(port),
      sslCreds: grpc.credentials.createInsecure(),
      // Else the library asks the machine's metadata server for it, and waits where there is none.
      clientOptions: { universeDomain: "googleapis.com" },
    }),
  });
  const calls = (await client.initialize()) as unknown as Calls;
  return {
    calls,
    metadata: (routing) => {
      const metadata = new grpc.Metadata();
      metadata.set("google-cloud-resource-prefix", database);
      metadata.set("x-goog-request-params", routing);
      if (host !== undefined) metadata.set("authorization", "Bearer owner"); // An emulator: past its security rules.
      return metadata;
    },
    close: () => client.close(),
  };
}
