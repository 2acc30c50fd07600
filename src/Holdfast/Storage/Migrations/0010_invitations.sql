-- Invitations to a workspace: one open one for an address, found by the hash of its link.

CREATE TABLE invitations (
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  id TEXT NOT NULL,
  email TEXT NOT NULL,
  email_canonical TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  language TEXT NOT NULL,
  link_hash BLOB NOT NULL,
  invited_by TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  accepted_at BIGINT,
  accepted_by TEXT,
  withdrawn_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX invitations_open ON invitations (workspace_id, email_canonical) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX invitations_link ON invitations (link_hash);
CREATE INDEX invitations_sent ON invitations (workspace_id, sent_at, id);
CREATE INDEX invitations_ended ON invitations (ends_at, workspace_id, id);
