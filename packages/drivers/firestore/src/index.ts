export {
  changeDocuments,
  onlyAbsent,
  onlyAsRead,
  onlyThere,
  type DocumentsChange,
  type DocumentsWanted,
  type FoundDocuments,
} from "./change-documents.ts";
export {
  FirestoreConnection,
  type FirestoreOptions,
  type Query,
  type StoredFields,
  type Write,
} from "./firestore-connection.ts";
export { FirestorePayloads } from "./firestore-payloads.ts";
export { FirestoreStore, type FirestoreStoreOptions } from "./firestore-store.ts";
export { inAttempts, type Asked } from "./in-attempts.ts";
