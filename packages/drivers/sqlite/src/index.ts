export { DatabaseError, type DatabaseErrorCode } from "./database-error.ts";
export { GroupCommit } from "./group-commit.ts";
export { openDatabase, openDatabaseFor, type DatabaseOptions, type Migration, type Written } from "./open-database.ts";
export { SqlitePayloads } from "./sqlite-payloads.ts";
export { SqliteStore, type SqliteStoreOptions } from "./sqlite-store.ts";
