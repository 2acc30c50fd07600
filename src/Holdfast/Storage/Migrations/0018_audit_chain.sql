-- The security log, chained by hash: one chain for each workspace, and one (chain '') for what belongs to none. Entries are written in the transaction of what they tell of, and wait in audit_queue;
-- one sealer at a time gives those of a chain their numbers and hashes.

CREATE TABLE audit_queue (
  chain TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (chain, entry_id)
);
INSERT INTO audit_queue (chain, entry_id, account_id) SELECT workspace_id, id, account_id FROM audit_entries;

-- hash covers the hash before, the number and the entry.
CREATE TABLE audit_chain (
  chain TEXT NOT NULL,
  number BIGINT NOT NULL,
  entry_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (chain, number)
);
CREATE UNIQUE INDEX audit_chain_entry ON audit_chain (entry_id);

-- Where each chain ends, and up to which number it was deleted for its age. seal is keyed by a key outside the database: nobody else can say where a chain ends.
CREATE TABLE audit_heads (
  chain TEXT PRIMARY KEY,
  number BIGINT NOT NULL,
  hash BLOB NOT NULL,
  pruned_through BIGINT NOT NULL,
  pruned_hash BLOB NOT NULL,
  pruned_at BIGINT,
  seal BLOB NOT NULL,
  key_id TEXT NOT NULL
);

-- unchangeable: audit_chain WHILE NOT EXISTS (SELECT 1 FROM audit_heads h WHERE h.chain = OLD.chain AND OLD.number <= h.pruned_through)
-- unchangeable: audit_entries WHILE NOT EXISTS (SELECT 1 FROM audit_chain c JOIN audit_heads h ON h.chain = c.chain WHERE c.entry_id = OLD.id AND c.number <= h.pruned_through)
-- unchangeable: audit_personal
