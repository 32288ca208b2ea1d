export { type CommitPlan, type FileChange, type FileMode, GitRepository } from "./git-repository.ts";
export { storeConformance, type MissingStoreFeatures, type OpenedStore } from "./store-conformance.ts";
