// `pending` is small rows in the order they are listed in, so it is WITHOUT ROWID; messages are large, and stay out of a key's tree.
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
   CREATE TABLE messages (
     sequence INTEGER PRIMARY KEY,
     topic TEXT NOT NULL,
     publish_time TEXT NOT NULL,
     ordering_key TEXT,
     attributes TEXT NOT NULL,
     data BLOB NOT NULL
   ) STRICT;
   CREATE TABLE pending (
     subscription INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     ordering_key TEXT,
     PRIMARY KEY (subscription, sequence)
   ) STRICT, WITHOUT ROWID;`,
  // By sequence first: whether anyone retains a message is asked with every ack.
  `ALTER TABLE subscriptions ADD COLUMN spec TEXT;
   CREATE TABLE retained (
     sequence INTEGER NOT NULL,
     subscription INTEGER NOT NULL,
     ordering_key TEXT,
     PRIMARY KEY (sequence, subscription)
   ) STRICT, WITHOUT ROWID;`,
];
