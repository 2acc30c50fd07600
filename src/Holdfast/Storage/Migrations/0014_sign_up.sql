-- People who asked for an account and have not confirmed their address. No account exists before. What they typed is sealed by a key outside the database; the row goes once it is over.
CREATE TABLE sign_ups (
  email_mark BLOB NOT NULL,
  id TEXT NOT NULL,
  sealed BLOB NOT NULL,
  -- Of the secret with which the page asks for the letter again.
  again_hash BLOB NOT NULL,
  -- Of the last mailed link; null where the address had an account already, and the letter said so.
  link_hash BLOB,
  letters BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  wrong_passwords BIGINT NOT NULL,
  PRIMARY KEY (email_mark, id)
);
CREATE UNIQUE INDEX sign_ups_again ON sign_ups (again_hash);
CREATE UNIQUE INDEX sign_ups_link ON sign_ups (link_hash);
CREATE INDEX sign_ups_ended ON sign_ups (ends_at, email_mark, id);
