-- Keys for programs that act for a workspace. A keyed hash of each is kept; begins_with is what people recognise one by. A key hangs on its maker's membership: it works for nobody who left and came back (members.since).
CREATE TABLE api_keys (
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  key_id TEXT NOT NULL,
  begins_with TEXT NOT NULL,
  made_by TEXT NOT NULL REFERENCES accounts (id),
  made_at BIGINT NOT NULL,
  ends_at BIGINT,
  last_used_at BIGINT,
  last_used_from TEXT,
  revoked_at BIGINT,
  revoked_by TEXT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX api_keys_secret ON api_keys (secret_hash);
CREATE INDEX api_keys_maker ON api_keys (made_by, workspace_id, id);
CREATE INDEX api_keys_revoked ON api_keys (revoked_at, workspace_id, id) WHERE revoked_at IS NOT NULL;
CREATE INDEX api_keys_ended ON api_keys (ends_at, workspace_id, id) WHERE ends_at IS NOT NULL;
