-- Roles of a workspace's own, members who are suspended, two-factor for everyone, and lists that stay fast with 200,000 members.

-- Two-factor for everybody in the workspace: since when, and how many days from then (or from joining) people have; null asks by role alone.
ALTER TABLE workspaces ADD COLUMN everyone_since BIGINT;
ALTER TABLE workspaces ADD COLUMN everyone_grace_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN everyone_by TEXT;

-- A custom role: a named set of permissions, joined by spaces. members.role holds its id, or one of owner, admin, member.
-- name_key is the name without case and accents: no two roles that read alike. acts: it carries power over others, and counts as admin for TwoFactor:RequiredForRoles.
CREATE TABLE roles (
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  permissions TEXT NOT NULL,
  acts INTEGER NOT NULL,
  made_at BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX roles_name ON roles (workspace_id, name_key);

-- A sign-in is noted by the statement that also asks whether the account may sign in at all.
ALTER TABLE accounts ADD COLUMN suspended_at BIGINT;
ALTER TABLE accounts ADD COLUMN last_sign_in_at BIGINT;

-- shown_name is the name in this workspace alone. The last three are copies, kept by CopyToMembers in the transaction of what they copy: how the name sorts (null until copied), whether
-- two-factor is on, whether nobody has ever signed in.
ALTER TABLE members ADD COLUMN shown_name TEXT;
ALTER TABLE members ADD COLUMN suspended_at BIGINT;
ALTER TABLE members ADD COLUMN name_sort TEXT;
ALTER TABLE members ADD COLUMN has_two_factor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN never_came INTEGER NOT NULL DEFAULT 1;

-- Every page of the list is a range of one of these.
CREATE INDEX members_by_name ON members (workspace_id, name_sort, account_id);
CREATE INDEX members_by_role ON members (workspace_id, role, name_sort, account_id);
CREATE INDEX members_without_two_factor ON members (workspace_id, name_sort, account_id, role) WHERE has_two_factor = 0;
CREATE INDEX members_never_came ON members (workspace_id, name_sort, account_id, role) WHERE never_came = 1;
CREATE INDEX members_suspended ON members (workspace_id, name_sort, account_id, role) WHERE suspended_at IS NOT NULL;
CREATE INDEX members_not_copied ON members (account_id) WHERE name_sort IS NULL;

-- Each word of a member's names and address: search by prefix is a range of the index below, which carries all that the filters ask.
CREATE TABLE member_words (
  workspace_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  word TEXT NOT NULL,
  name_sort TEXT NOT NULL,
  role TEXT NOT NULL,
  has_two_factor INTEGER NOT NULL,
  never_came INTEGER NOT NULL,
  suspended INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, account_id, word)
);
CREATE INDEX member_words_search ON member_words (workspace_id, word, name_sort, account_id, role, has_two_factor, never_came, suspended);

UPDATE accounts SET last_sign_in_at = (SELECT MAX(s.created_at) FROM sessions s WHERE s.account_id = accounts.id);
