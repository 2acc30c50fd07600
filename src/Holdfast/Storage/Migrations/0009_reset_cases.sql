-- Resets of somebody's two-factor: a case is asked for by a workspace's admin, decided by an operator, waits, and is closed for good.

-- What is personal stands in reset_case_texts; the case covers each text by a salted commitment, so that erasing a person leaves a record that still proves itself.
-- A case outlives the account that it is about. next_at is when the server looks at it by itself: the reminder, the due moment, the day on which nobody has decided it; null once it is closed.
CREATE TABLE reset_cases (
  account_id TEXT NOT NULL,
  id TEXT NOT NULL,
  number BIGINT NOT NULL,
  workspace_id TEXT NOT NULL,
  state TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  request_seal BLOB NOT NULL,
  decided_by TEXT,
  decided_at BIGINT,
  decision_seal BLOB,
  waits_until BIGINT,
  reminded_at BIGINT,
  next_at BIGINT,
  closed_by TEXT,
  closed_at BIGINT,
  closed_why TEXT,
  signed_out BIGINT,
  fingerprint BLOB,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX reset_cases_id ON reset_cases (id);
CREATE UNIQUE INDEX reset_cases_number ON reset_cases (number);
CREATE UNIQUE INDEX reset_cases_open ON reset_cases (account_id) WHERE closed_at IS NULL;
CREATE INDEX reset_cases_to_do ON reset_cases (requested_at, id) WHERE closed_at IS NULL;
CREATE INDEX reset_cases_due ON reset_cases (next_at, id) WHERE closed_at IS NULL;
CREATE INDEX reset_cases_closed ON reset_cases (id) WHERE closed_at IS NOT NULL;
-- sealed: reset_cases (id, number)

-- Who asked and why; who decided, and how they made sure. Never changed; erasing a person deletes them.
CREATE TABLE reset_case_texts (
  account_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  part TEXT NOT NULL,
  salt BLOB NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (account_id, case_id, part)
);
-- unchangeable: reset_case_texts

CREATE TABLE reset_case_counter (
  one INTEGER PRIMARY KEY,
  last BIGINT NOT NULL
);
INSERT INTO reset_case_counter (one, last) VALUES (1, 0);
