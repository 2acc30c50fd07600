-- One text for both engines: the migration runner turns BLOB into BYTEA and TEXT into TEXT COLLATE "C" for PostgreSQL.
-- Instants are UTC milliseconds. Ids are UUIDv7. Tables that grow with people lead their primary key with the account, the workspace or the looked-up hash.

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL,
  email_canonical TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT,
  time_zone TEXT,
  operator_since BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_email ON accounts (email_canonical);
CREATE INDEX accounts_operators ON accounts (operator_since, id) WHERE operator_since IS NOT NULL;

CREATE TABLE passwords (
  account_id TEXT PRIMARY KEY REFERENCES accounts (id),
  phc TEXT NOT NULL,
  pepper_id TEXT,
  score INTEGER NOT NULL,
  changed_at BIGINT NOT NULL,
  blocked_at BIGINT
);

CREATE TABLE workspaces (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX workspaces_slug ON workspaces (slug);

CREATE TABLE members (
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  role TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, account_id)
);
CREATE INDEX members_account ON members (account_id, workspace_id);

CREATE TABLE sessions (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  kept INTEGER NOT NULL,
  signed_in_with TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_active_at BIGINT NOT NULL,
  proven_at BIGINT NOT NULL,
  proven_with TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  ended_at BIGINT,
  end_reason TEXT,
  ended_by TEXT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_live ON sessions (account_id, last_active_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (account_id, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_stale ON sessions (last_active_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_aged ON sessions (created_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_gone ON sessions (ended_at, id) WHERE ended_at IS NOT NULL;

-- Browsers that have signed in to an account before: they are counted apart from strangers.
CREATE TABLE known_browsers (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  token_hash BLOB NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, token_hash)
);

-- Failures in a row, under a keyed hash of whom they are about: the table names nobody.
CREATE TABLE throttles (
  subject BLOB PRIMARY KEY,
  failures INTEGER NOT NULL,
  window_ends_at BIGINT NOT NULL,
  next_try_at BIGINT NOT NULL,
  touched_at BIGINT NOT NULL
);
CREATE INDEX throttles_touched ON throttles (touched_at, subject);

-- What happened, for good. What is personal stands in audit_personal; the entry covers it by a salted commitment,
-- so that erasing a person leaves a log that still verifies. An entry about nobody known has the account ''.
CREATE TABLE audit_entries (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  data TEXT NOT NULL,
  commitment BLOB NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE TABLE audit_personal (
  account_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  salt BLOB NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (account_id, entry_id)
);
-- append-only: audit_entries

CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  sealed BLOB,
  created_at BIGINT NOT NULL,
  next_try_at BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  done_at BIGINT,
  failed_at BIGINT,
  last_problem TEXT
);
CREATE INDEX outbox_due ON outbox (next_try_at, id) WHERE done_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_old ON outbox (created_at, id);

-- The development mailbox.
CREATE TABLE mailbox_letters (
  id TEXT PRIMARY KEY,
  sealed BLOB NOT NULL,
  arrived_at BIGINT NOT NULL,
  read_at BIGINT
);

-- The one-time link that makes the first account.
CREATE TABLE setup_links (
  token_hash BLOB PRIMARY KEY,
  created_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  used_at BIGINT
);

-- Mailed links: single use, with a stated lifetime, found by the hash of their secret.
CREATE TABLE links (
  token_hash BLOB PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  purpose TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  used_at BIGINT,
  killed_at BIGINT
);
CREATE INDEX links_account ON links (account_id, purpose, created_at);
CREATE INDEX links_ended ON links (ends_at, token_hash);

-- Facts about this installation, such as the fingerprint of its key file.
CREATE TABLE server_facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
