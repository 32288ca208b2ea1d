export { badMessages, goodCommit, type BadMessage } from "./bad-input.ts";
export { commitAgent, endOf, type CommitAgent } from "./commit-agent.ts";
export { describeWithEngine } from "./container-engine.ts";
export { Emulator, describeOn, findEmulator, startEmulator, type EmulatorKind } from "./emulators/emulator.ts";
export { firestoreEmulator } from "./emulators/firestore-emulator.ts";
export { GrpcProxy, type Fate } from "./emulators/grpc-proxy.ts";
export { GitServer, type GitAnswer, type GitRequest } from "./git-server.ts";
export { pubsubEmulator } from "./emulators/pubsub-emulator.ts";
export { IdentityProxy, type ProxyKey } from "./identity-proxy.ts";
export { memoryInUse } from "./memory-in-use.ts";
export { type CommitPlan, type FileChange, type FileMode, GitRepository } from "./git-repository.ts";
export { storeConformance, type MissingStoreFeatures, type OpenedStore } from "./store-conformance.ts";
export { RecordingPublisher } from "./recording-publisher.ts";
export { scenario, type Story } from "./scenario.ts";
export { Stage, deliveryOf, timeOf, type Told } from "./stage.ts";
export {
  publisherSubscriberConformance,
  type Bus,
  type MissingBusFeatures,
  type OpenedBus,
} from "./publisher-subscriber-conformance.ts";
export type { ConformanceTopology } from "./publisher-subscriber-conformance/conformance-topology.ts";
export { Recorder } from "./recorder.ts";
export { until } from "./until.ts";
export { payloadsConformance, type OpenedPayloads } from "./payloads-conformance.ts";
