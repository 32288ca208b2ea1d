/**
 * The tables of the read model. Every row has its tenant; a row's `seq` is its place in the order of arrival, and the cursor of
 * pages: SQLite keeps it at the end of each index, so that a page is read without sorting. Append only.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY,
     tenant_id TEXT NOT NULL,
     event_id TEXT NOT NULL,
     event_type TEXT NOT NULL,
     family TEXT NOT NULL,
     correlation_id TEXT NOT NULL,
     user_id TEXT,
     seen_at TEXT NOT NULL,
     envelope TEXT NOT NULL,
     UNIQUE (tenant_id, event_id)
   ) STRICT;
   CREATE INDEX events_by_tenant ON events (tenant_id);
   CREATE INDEX events_by_family ON events (tenant_id, family);
   CREATE INDEX events_by_chain ON events (tenant_id, correlation_id);
   CREATE INDEX events_by_person ON events (tenant_id, user_id, family) WHERE user_id IS NOT NULL;

   CREATE TABLE chains (
     seq INTEGER PRIMARY KEY,
     tenant_id TEXT NOT NULL,
     correlation_id TEXT NOT NULL,
     first_seen_at TEXT NOT NULL,
     last_seen_at TEXT NOT NULL,
     events INTEGER NOT NULL,
     dead_letters INTEGER NOT NULL,
     UNIQUE (tenant_id, correlation_id)
   ) STRICT;
   CREATE INDEX chains_by_tenant ON chains (tenant_id);

   CREATE TABLE dead_letters (
     seq INTEGER PRIMARY KEY,
     tenant_id TEXT NOT NULL,
     dead_letter_id TEXT NOT NULL,
     correlation_id TEXT,
     record TEXT NOT NULL,
     data BLOB NOT NULL,
     UNIQUE (tenant_id, dead_letter_id)
   ) STRICT;
   CREATE INDEX dead_letters_by_tenant ON dead_letters (tenant_id);
   CREATE INDEX dead_letters_by_chain ON dead_letters (tenant_id, correlation_id) WHERE correlation_id IS NOT NULL;`,
];
