-- OAuth 2.1 and OpenID Connect: applications, what people allowed them, and what was issued.

-- Lists are joined by line ends (addresses) or spaces (scopes, resources). Those of the settings file are not here.
CREATE TABLE oauth_clients (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  maker TEXT NOT NULL,
  first_party INTEGER NOT NULL,
  confidential INTEGER NOT NULL,
  redirects TEXT NOT NULL,
  sign_outs TEXT NOT NULL,
  scopes TEXT NOT NULL,
  resources TEXT NOT NULL,
  second_factor INTEGER NOT NULL,
  logout_address TEXT,
  made_at BIGINT NOT NULL,
  disabled_at BIGINT
);

-- A keyed hash of each secret. After a change the old one serves until ends_at.
CREATE TABLE oauth_client_secrets (
  client_id TEXT NOT NULL REFERENCES oauth_clients (id),
  id TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  key_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT,
  PRIMARY KEY (client_id, id)
);

-- What a person allowed an application. workspace_id is the one workspace that it sees; null shows all of them (our own applications).
CREATE TABLE oauth_grants (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  workspace_id TEXT,
  made_at BIGINT NOT NULL,
  last_used_at BIGINT,
  last_used_from TEXT,
  revoked_at BIGINT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX oauth_grants_live ON oauth_grants (account_id, client_id) WHERE revoked_at IS NULL;
CREATE INDEX oauth_grants_client ON oauth_grants (client_id, account_id) WHERE revoked_at IS NULL;
CREATE INDEX oauth_grants_workspace ON oauth_grants (workspace_id, id) WHERE revoked_at IS NULL AND workspace_id IS NOT NULL;
CREATE INDEX oauth_grants_over ON oauth_grants (revoked_at, id) WHERE revoked_at IS NOT NULL;

-- family_id is set when the code is used: a second use ends that family.
CREATE TABLE oauth_codes (
  code_hash BLOB PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  session_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  redirect TEXT NOT NULL,
  challenge TEXT NOT NULL,
  scopes TEXT NOT NULL,
  resource TEXT NOT NULL,
  nonce TEXT,
  acr TEXT NOT NULL,
  amr TEXT NOT NULL,
  auth_time BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  used_at BIGINT,
  family_id TEXT
);
CREATE INDEX oauth_codes_ended ON oauth_codes (ends_at, code_hash);

-- All that came of one code: it ends as a whole, and with its session.
CREATE TABLE oauth_families (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  resource TEXT NOT NULL,
  acr TEXT NOT NULL,
  auth_time BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  ended_at BIGINT,
  end_reason TEXT,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX oauth_families_session ON oauth_families (account_id, session_id, client_id) WHERE ended_at IS NULL;
CREATE INDEX oauth_families_grant ON oauth_families (account_id, grant_id, id) WHERE ended_at IS NULL;
CREATE INDEX oauth_families_client ON oauth_families (client_id, account_id, id) WHERE ended_at IS NULL;
CREATE INDEX oauth_families_over ON oauth_families (ended_at, id) WHERE ended_at IS NOT NULL;

CREATE TABLE oauth_access_tokens (
  token_hash BLOB PRIMARY KEY,
  account_id TEXT NOT NULL,
  family_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX oauth_access_tokens_ended ON oauth_access_tokens (ends_at, token_hash);

-- next_hash is set with used_at: the token that followed.
CREATE TABLE oauth_refresh_tokens (
  token_hash BLOB PRIMARY KEY,
  account_id TEXT NOT NULL,
  family_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  used_at BIGINT,
  next_hash BLOB
);
CREATE INDEX oauth_refresh_tokens_family ON oauth_refresh_tokens (account_id, family_id);

-- Keys that sign, one after the other: number is the order, so that two nodes never make the same one twice. The private part is sealed by a key outside the database, and wiped when the key is retired.
CREATE TABLE oauth_signing_keys (
  number BIGINT PRIMARY KEY,
  id TEXT NOT NULL,
  public_key BLOB NOT NULL,
  private_key BLOB,
  key_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  signs_from BIGINT NOT NULL,
  retired_at BIGINT
);
CREATE UNIQUE INDEX oauth_signing_keys_id ON oauth_signing_keys (id);

-- Sessions that are over, and whom to tell: written in the transaction that ends them, sent after it.
CREATE TABLE oauth_logouts (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  next_try_at BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  done_at BIGINT,
  failed_at BIGINT,
  last_problem TEXT
);
CREATE INDEX oauth_logouts_due ON oauth_logouts (next_try_at, id) WHERE done_at IS NULL AND failed_at IS NULL;
CREATE INDEX oauth_logouts_old ON oauth_logouts (made_at, id);
