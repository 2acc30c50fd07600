-- Deletion of accounts: closed for days of grace, then erased step by step, with a receipt that names nobody.

-- closed_at: the person asked for deletion, and signing in opens nothing but the way back. erasing_at: there is no way back, and no way in.
ALTER TABLE accounts ADD COLUMN closed_at BIGINT;
ALTER TABLE accounts ADD COLUMN erasing_at BIGINT;

-- A workspace that goes with its only owner is closed to everybody from the day they asked.
ALTER TABLE workspaces ADD COLUMN closed_at BIGINT;

-- A deletion outlives the account that it is about: what stays names nobody. next_at is when the server looks at it by itself (a reminder, the due moment); null once it runs or is over.
CREATE TABLE deletions (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  number BIGINT NOT NULL,
  state TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  reminded_at BIGINT,
  last_reminded_at BIGINT,
  next_at BIGINT,
  begun_at BIGINT,
  begun_by TEXT,
  ended_at BIGINT,
  receipt_hash BLOB,
  receipt TEXT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX deletions_id ON deletions (id);
CREATE UNIQUE INDEX deletions_number ON deletions (number);
CREATE UNIQUE INDEX deletions_receipt ON deletions (receipt_hash) WHERE receipt_hash IS NOT NULL;
CREATE UNIQUE INDEX deletions_open ON deletions (account_id) WHERE ended_at IS NULL;
CREATE INDEX deletions_due ON deletions (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX deletions_begun ON deletions (begun_at, id) WHERE begun_at IS NOT NULL;
CREATE INDEX deletions_ended ON deletions (ended_at, account_id) WHERE ended_at IS NOT NULL;
CREATE INDEX deletions_to_do ON deletions (asked_at, id) WHERE ended_at IS NULL;
CREATE INDEX deletions_over ON deletions (id) WHERE ended_at IS NOT NULL;

-- What becomes of the workspaces that the person alone owned: heir_id took one over; without an heir it goes with the account, and from emptied_at on nothing brings it back.
CREATE TABLE deletion_workspaces (
  account_id TEXT NOT NULL,
  deletion_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  heir_id TEXT,
  emptied_at BIGINT,
  PRIMARY KEY (account_id, deletion_id, workspace_id)
);

CREATE INDEX deletion_workspaces_workspace ON deletion_workspaces (workspace_id);

CREATE TABLE deletion_counter (
  one INTEGER PRIMARY KEY,
  last BIGINT NOT NULL
);
INSERT INTO deletion_counter (one, last) VALUES (1, 0);

-- What other systems are told, in order. phase: hold (when the account closes), release (when it is kept), erase. idempotency_key is made once: every try of a step carries the same.
-- memo is what a connector has to remember between its steps, sealed by a key outside the database. A claimed step is taken up by somebody else after claimed_until.
CREATE TABLE erasure_steps (
  account_id TEXT NOT NULL,
  deletion_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  phase TEXT NOT NULL,
  connector TEXT NOT NULL,
  name TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  state TEXT NOT NULL,
  tries BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  first_try_at BIGINT,
  last_try_at BIGINT,
  next_try_at BIGINT,
  claimed_until BIGINT NOT NULL,
  stuck_at BIGINT,
  ended_at BIGINT,
  said TEXT,
  kept TEXT,
  memo BLOB,
  closed_by TEXT,
  PRIMARY KEY (account_id, deletion_id, position)
);
CREATE INDEX erasure_steps_due ON erasure_steps (next_try_at, account_id, deletion_id, position) WHERE ended_at IS NULL;
CREATE INDEX erasure_steps_failing ON erasure_steps (deletion_id) WHERE ended_at IS NULL AND tries > 0;

-- Every try, with what came back. Goes when the step is over.
CREATE TABLE erasure_tries (
  account_id TEXT NOT NULL,
  deletion_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  took BIGINT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (account_id, deletion_id, position, number)
);

-- Everything that is held on a person, as a sealed ZIP for one day and one download.
CREATE TABLE exports (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  made_at BIGINT,
  ends_at BIGINT,
  sealed BLOB,
  bytes BIGINT,
  sha256 TEXT,
  link_hash BLOB,
  fetched_at BIGINT,
  dropped_at BIGINT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX exports_open ON exports (account_id) WHERE fetched_at IS NULL AND dropped_at IS NULL;
CREATE INDEX exports_to_make ON exports (claimed_until, account_id, id) WHERE made_at IS NULL AND dropped_at IS NULL;
CREATE INDEX exports_old ON exports (asked_at, account_id, id);

-- Erasing somebody finds what names them in entries about others: done by them, or in a workspace.
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, account_id, id) WHERE actor_id <> account_id AND actor_id <> '';
CREATE INDEX audit_entries_workspace ON audit_entries (workspace_id, account_id, id) WHERE workspace_id <> '';
