-- Two-factor authentication, and sign-ins that are half done.

-- Where a person stands: since when a rule asks for two-factor, whether the codes are saved, whether a lost device is to be replaced.
-- Held first by everything that changes a person's factors, so that two changes at once follow one another.
CREATE TABLE two_factor (
  account_id TEXT PRIMARY KEY REFERENCES accounts (id),
  required_since BIGINT,
  grace_until BIGINT,
  codes_saved_at BIGINT,
  new_device_since BIGINT,
  new_device_put_off_at BIGINT
);

-- Authenticator apps. A row begins unconfirmed, for one session and with an end; one right code confirms it.
-- The key is sealed by a key outside the database, which key_id names. last_step is the last time step of which a code was accepted.
CREATE TABLE totp_apps (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed_key BLOB NOT NULL,
  key_id TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  begun_in TEXT NOT NULL,
  ends_at BIGINT,
  confirmed_at BIGINT,
  last_used_at BIGINT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX totp_apps_begun ON totp_apps (account_id, begun_in) WHERE confirmed_at IS NULL;
CREATE INDEX totp_apps_stale ON totp_apps (ends_at, id) WHERE confirmed_at IS NULL;

-- Recovery codes under a keyed hash. Used ones stay until new ones replace them all.
CREATE TABLE recovery_codes (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  code_hash BLOB NOT NULL,
  key_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (account_id, code_hash)
);

-- Sign-ins whose password was right and whose next step is still to come. password_mark is a hash of the password's hash at that moment.
CREATE TABLE pending_sign_ins (
  token_hash BLOB PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  next_step TEXT NOT NULL,
  proven_with TEXT NOT NULL,
  password_mark BLOB NOT NULL,
  kept INTEGER NOT NULL,
  replaces BLOB,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  used_at BIGINT,
  killed_at BIGINT
);
CREATE INDEX pending_sign_ins_account ON pending_sign_ins (account_id, made_at, token_hash);
CREATE INDEX pending_sign_ins_ended ON pending_sign_ins (ends_at, token_hash);

-- Browsers that may skip the second step for some days, where the policy allows it.
CREATE TABLE trusted_browsers (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  token_hash BLOB NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  hints TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX trusted_browsers_token ON trusted_browsers (token_hash);
CREATE INDEX trusted_browsers_ended ON trusted_browsers (ends_at, id);

-- The last proof by a second factor stands beside the last proof of any kind: a password that is proven later does not take its place.
ALTER TABLE sessions ADD COLUMN second_proven_at BIGINT;
ALTER TABLE sessions ADD COLUMN second_proven_with TEXT;

-- The longest length rule that the password met when it was chosen; null where nobody asked.
ALTER TABLE passwords ADD COLUMN least_length INTEGER;
