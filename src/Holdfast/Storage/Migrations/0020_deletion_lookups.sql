-- What erasing somebody looks for by account or address, in tables that grow with everybody: none of it may walk through a whole table while the account is held.
CREATE INDEX oauth_access_tokens_account ON oauth_access_tokens (account_id);
CREATE INDEX oauth_codes_account ON oauth_codes (account_id);
CREATE INDEX outbox_account ON outbox (account_id, id);
CREATE INDEX invitations_by_address ON invitations (email_canonical, workspace_id, id);
CREATE INDEX invitations_accepted_by ON invitations (accepted_by) WHERE accepted_by IS NOT NULL;
CREATE INDEX invitations_invited_by ON invitations (invited_by);
CREATE INDEX roles_made_by ON roles (made_by);
CREATE INDEX workspaces_everyone_by ON workspaces (everyone_by) WHERE everyone_by IS NOT NULL;
CREATE INDEX reset_cases_requested_by ON reset_cases (requested_by);
CREATE INDEX reset_cases_decided_by ON reset_cases (decided_by) WHERE decided_by IS NOT NULL;
