-- Addresses that are told of security events. all_kinds: of every event that is sent; else of those in webhook_kinds. failures are tries in a row that failed; hold_until is when the next one may be.
-- One that is removed gets nothing more at once; its rows go in small steps, and this one last.
CREATE TABLE webhook_endpoints (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  all_kinds INTEGER NOT NULL,
  made_at BIGINT NOT NULL,
  paused_at BIGINT,
  removed_at BIGINT,
  failures INTEGER NOT NULL,
  failing_since BIGINT,
  told_at BIGINT,
  hold_until BIGINT NOT NULL,
  last_try_at BIGINT,
  last_status INTEGER,
  last_problem TEXT
);

CREATE TABLE webhook_kinds (
  endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints (id),
  kind TEXT NOT NULL,
  PRIMARY KEY (endpoint_id, kind)
);

-- Signing keys, sealed by a key outside the database. After a change the old one signs beside the new one until ends_at.
CREATE TABLE webhook_secrets (
  endpoint_id TEXT NOT NULL REFERENCES webhook_endpoints (id),
  id TEXT NOT NULL,
  sealed BLOB NOT NULL,
  key_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT,
  PRIMARY KEY (endpoint_id, id)
);

-- Which entry of the security log is to be told to which address, written in the transaction of the entry. No reference to the endpoint: an event never waits for somebody who changes one. since is when it began to wait.
CREATE TABLE webhook_deliveries (
  endpoint_id TEXT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  since BIGINT NOT NULL,
  next_try_at BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,
  tries INTEGER NOT NULL,
  delivered_at BIGINT,
  failed_at BIGINT,
  last_try_at BIGINT,
  last_status INTEGER,
  last_problem TEXT,
  took BIGINT,
  PRIMARY KEY (endpoint_id, id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_try_at, id) WHERE delivered_at IS NULL AND failed_at IS NULL;
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, failed_at, id) WHERE failed_at IS NOT NULL;
CREATE INDEX webhook_deliveries_delivered ON webhook_deliveries (delivered_at, endpoint_id, id) WHERE delivered_at IS NOT NULL;
CREATE INDEX webhook_deliveries_account ON webhook_deliveries (account_id, endpoint_id, id);
