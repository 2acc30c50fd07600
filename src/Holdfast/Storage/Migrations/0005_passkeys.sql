-- Passkeys (WebAuthn).

-- What authenticators know an account by: random, so that it tells nobody who the person is (WebAuthn L3 §14.6.1). Stays when the last passkey goes: a new one takes the place of the old one in the authenticator.
CREATE TABLE passkey_handles (
  account_id TEXT PRIMARY KEY REFERENCES accounts (id),
  handle TEXT NOT NULL
);
CREATE UNIQUE INDEX passkey_handles_handle ON passkey_handles (handle);

-- public_key is a COSE key. paused_at: after "This wasn't me" it needs the password beside it, until the person says that it is theirs. copied_at: its counter went back, and it is taken no more.
CREATE TABLE passkeys (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  credential_id BLOB NOT NULL,
  public_key BLOB NOT NULL,
  sign_count BIGINT NOT NULL,
  transports TEXT NOT NULL,
  backup_eligible INTEGER NOT NULL,
  backed_up INTEGER NOT NULL,
  aaguid BLOB NOT NULL,
  rp_id TEXT NOT NULL,
  name TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  last_used_at BIGINT,
  paused_at BIGINT,
  copied_at BIGINT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);

-- Challenges that were answered, until they would have ended anyway: the row is what makes an answer good once.
CREATE TABLE used_challenges (
  challenge_hash BLOB PRIMARY KEY,
  ends_at BIGINT NOT NULL
);
CREATE INDEX used_challenges_ended ON used_challenges (ends_at, challenge_hash);
