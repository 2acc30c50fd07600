-- How many letters an invitation went out in: limits count letters, not invitations.
ALTER TABLE invitations ADD COLUMN letters BIGINT NOT NULL DEFAULT 1;
CREATE INDEX invitations_address ON invitations (workspace_id, email_canonical, sent_at, id);
