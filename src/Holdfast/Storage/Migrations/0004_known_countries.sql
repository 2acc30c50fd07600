-- Countries from which an account has been used (two capitals, ISO 3166-1): a new one is told by letter.
CREATE TABLE known_countries (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  country TEXT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, country)
);
