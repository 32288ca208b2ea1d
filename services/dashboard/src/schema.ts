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
  `ALTER TABLE dead_letters ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
   ALTER TABLE dead_letters ADD COLUMN arrivals INTEGER NOT NULL DEFAULT 1;
   ALTER TABLE dead_letters ADD COLUMN last_seen_at TEXT NOT NULL DEFAULT '';
   ALTER TABLE dead_letters ADD COLUMN group_id TEXT NOT NULL DEFAULT ''; -- '': not grouped yet, done when the file is opened
   UPDATE dead_letters SET last_seen_at = coalesce(json_extract(record, '$.seen_at'), '');
   CREATE INDEX dead_letters_by_state ON dead_letters (tenant_id, state);
   CREATE INDEX dead_letters_by_group ON dead_letters (tenant_id, group_id, state);
   CREATE INDEX dead_letters_ungrouped ON dead_letters (seq) WHERE group_id = '';

   CREATE TABLE dead_letter_groups (
     seq INTEGER PRIMARY KEY,
     tenant_id TEXT NOT NULL,
     group_id TEXT NOT NULL,
     consumer TEXT NOT NULL,
     code TEXT NOT NULL,
     event_type TEXT,
     cause TEXT NOT NULL,
     dead_letters INTEGER NOT NULL,
     open INTEGER NOT NULL,
     first_seen_at TEXT NOT NULL,
     last_seen_at TEXT NOT NULL,
     example TEXT NOT NULL,
     UNIQUE (tenant_id, group_id)
   ) STRICT;
   CREATE INDEX dead_letter_groups_by_tenant ON dead_letter_groups (tenant_id);
   CREATE INDEX dead_letter_groups_open ON dead_letter_groups (tenant_id) WHERE open > 0;

   CREATE TABLE decisions (
     seq INTEGER PRIMARY KEY,
     tenant_id TEXT NOT NULL,
     dead_letter_id TEXT NOT NULL,
     kind TEXT NOT NULL,
     decided_by TEXT NOT NULL,
     decided_at TEXT NOT NULL,
     status TEXT NOT NULL,
     state_before TEXT NOT NULL,
     message_id TEXT,
     problem TEXT,
     data BLOB -- what was sent instead of the dead letter's own bytes
   ) STRICT;
   CREATE INDEX decisions_by_dead_letter ON decisions (tenant_id, dead_letter_id);
   CREATE INDEX decisions_pending ON decisions (seq) WHERE status = 'pending';

   ALTER TABLE events ADD COLUMN replay_generation TEXT;
   UPDATE events SET replay_generation = json_extract(envelope, '$.replay_generation');

   CREATE TABLE replays (
     seq INTEGER PRIMARY KEY,
     tenant_id TEXT NOT NULL,
     generation TEXT NOT NULL UNIQUE,
     selection TEXT NOT NULL,
     begun_by TEXT NOT NULL,
     begun_at TEXT NOT NULL,
     up_to INTEGER NOT NULL, -- the last event there was when it began: a replay ends
     said_to INTEGER NOT NULL, -- the last event that was said again
     events INTEGER NOT NULL,
     said INTEGER NOT NULL,
     ended_at TEXT
   ) STRICT;
   CREATE INDEX replays_by_tenant ON replays (tenant_id);`,
  `CREATE TABLE proposals (
     seq INTEGER PRIMARY KEY,
     tenant_id TEXT NOT NULL,
     proposal_id TEXT NOT NULL,
     repository TEXT NOT NULL,
     revision INTEGER NOT NULL,
     first_seen_at TEXT NOT NULL,
     seen_at TEXT NOT NULL,
     envelope TEXT NOT NULL, -- with its data, wherever the event has that
     UNIQUE (tenant_id, proposal_id)
   ) STRICT;
   CREATE INDEX proposals_by_tenant ON proposals (tenant_id);
   CREATE INDEX proposals_by_repository ON proposals (tenant_id, repository);
   INSERT INTO proposals (tenant_id, proposal_id, repository, revision, first_seen_at, seen_at, envelope)
     SELECT tenant_id, data ->> 'proposal_id', data ->> 'repository', data ->> 'revision', seen_at, seen_at,
       json_set(envelope, '$.data', json(data))
     FROM (
       SELECT seq, tenant_id, seen_at, envelope, json_patch(
         '{"repository": "default", "user_id": "unknown", "reason": "", "files": [], "revision": 1}',
         json_extract(envelope, '$.data')
       ) AS data
       FROM events
       WHERE family IN ('proposal.created', 'proposal.updated') AND json_type(envelope, '$.data') = 'object'
     )
     WHERE data ->> 'proposal_id' IS NOT NULL AND data ->> 'type' IS NOT NULL AND data ->> 'title' IS NOT NULL
       AND data ->> 'files_affected' IS NOT NULL AND data ->> 'impact' IS NOT NULL
     ORDER BY seq
   ON CONFLICT (tenant_id, proposal_id) DO UPDATE SET
     revision = excluded.revision, seen_at = excluded.seen_at, envelope = excluded.envelope
   WHERE excluded.revision > revision;`,
  `CREATE INDEX chains_by_age ON chains (last_seen_at);
   CREATE INDEX dead_letters_without_chain_by_age ON dead_letters (last_seen_at) WHERE correlation_id IS NULL;`,
  `ALTER TABLE events ADD COLUMN trace_id TEXT;
   ALTER TABLE events ADD COLUMN source_agent_id TEXT;
   UPDATE events SET
     trace_id = json_extract(envelope, '$.trace_id'),
     source_agent_id = json_extract(envelope, '$.source_agent_id');
   CREATE INDEX events_by_trace ON events (tenant_id, trace_id) WHERE trace_id IS NOT NULL;
   CREATE INDEX events_by_agent ON events (tenant_id, source_agent_id) WHERE source_agent_id IS NOT NULL;`,
];
