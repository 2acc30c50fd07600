-- Figures of workspaces by the hour (hours since 1970, UTC): how often what happened to people who were members then. They name nobody, and stay when entries of the log are deleted for their age.
CREATE TABLE report_counts (
  workspace_id TEXT NOT NULL,
  hour BIGINT NOT NULL,
  what TEXT NOT NULL,
  how TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, hour, what, how)
);

-- What is not yet added to them: a row for each event and workspace, written in the transaction of the event. Nobody waits for anybody over a new row; a moment later they are added up and gone.
CREATE TABLE report_events (
  workspace_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  what TEXT NOT NULL,
  how TEXT NOT NULL,
  hour BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, entry_id, what)
);

-- Sign-ins from a browser or a country that was new to the account: entries of the log, in the workspaces that the person was in then.
CREATE TABLE report_arrivals (
  workspace_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (workspace_id, entry_id)
);
CREATE INDEX report_arrivals_account ON report_arrivals (account_id, entry_id);
CREATE INDEX report_arrivals_age ON report_arrivals (entry_id);

-- What happened before there were figures: exactly the entries that are there now, gone through by the server in steps.
CREATE TABLE report_backlog (
  account_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (account_id, entry_id)
);
INSERT INTO report_backlog (account_id, entry_id, at, kind, data)
  SELECT account_id, id, at, kind, data FROM audit_entries
  WHERE account_id <> '' AND kind IN ('sign_in.succeeded', 'sign_in.failed', 'sign_in.second_step_asked', 'sign_in.second_step_failed', 'unusual.found');
