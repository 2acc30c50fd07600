-- What looked wrong with an account when it happened. Address, browser and facts are personal: the rows go with the account.
CREATE TABLE unusual_events (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL,
  at BIGINT NOT NULL,
  session_id TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  hints TEXT NOT NULL,
  facts TEXT NOT NULL,
  closed_at BIGINT,
  closed_how TEXT,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX unusual_events_open ON unusual_events (account_id, id) WHERE closed_at IS NULL;
CREATE INDEX unusual_events_at ON unusual_events (at, id);

-- In which workspaces admins see it: those of which the person was a member then. reviewed_at says that one of them has looked.
CREATE TABLE unusual_in_workspaces (
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  id TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  reviewed_at BIGINT,
  reviewed_by TEXT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX unusual_in_workspaces_account ON unusual_in_workspaces (account_id, id);

-- "Secure my account": how far somebody got. A step is done when its moment is set; one at most is open for each account.
CREATE TABLE secure_runs (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  begun_by TEXT NOT NULL,
  signed_out BIGINT NOT NULL,
  signed_out_at BIGINT NOT NULL,
  password_at BIGINT,
  factors_at BIGINT,
  later_at BIGINT,
  closed_at BIGINT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX secure_runs_open ON secure_runs (account_id) WHERE closed_at IS NULL;
