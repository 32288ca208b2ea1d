export { FirestoreConnection, type FirestoreOptions } from "./firestore-connection.ts";
export { FirestorePayloads } from "./firestore-payloads.ts";
export { FirestoreStore, type FirestoreStoreOptions } from "./firestore-store.ts";
