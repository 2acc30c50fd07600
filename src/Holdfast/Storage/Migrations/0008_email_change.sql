-- A person's wish to have another e-mail address: waits until the new one is confirmed, and can be taken back from the old one.

CREATE TABLE email_changes (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  id TEXT NOT NULL,
  old_email TEXT NOT NULL,
  old_canonical TEXT NOT NULL,
  new_email TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  hints TEXT NOT NULL,
  -- Letters with a link, and the last of these links. sent_at is that of the last one.
  letters BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  confirm_hash BLOB,
  confirmed_at BIGINT,
  undo_hash BLOB,
  undone_at BIGINT,
  -- Withdrawn, replaced by another wish, or ended by something that stopped the account.
  dropped_at BIGINT,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX email_changes_waiting ON email_changes (account_id) WHERE confirmed_at IS NULL AND dropped_at IS NULL;
CREATE INDEX email_changes_asked ON email_changes (asked_at, account_id, id);
CREATE INDEX email_changes_old ON email_changes (old_canonical, account_id, id);
