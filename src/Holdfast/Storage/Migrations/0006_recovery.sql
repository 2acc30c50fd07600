-- Requests for a new password that wait to be answered. What was typed, and who asked, is sealed by a key outside the database; an answered request is deleted.
CREATE TABLE recovery_requests (
  id TEXT PRIMARY KEY,
  sealed BLOB NOT NULL,
  asked_at BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,
  attempts INTEGER NOT NULL
);
CREATE INDEX recovery_requests_due ON recovery_requests (claimed_until, id);
CREATE INDEX recovery_requests_old ON recovery_requests (asked_at, id);

-- A link to choose a new password went to one address, and is worth nothing once the account has another: a hash of that address.
ALTER TABLE links ADD COLUMN address_mark BLOB;
