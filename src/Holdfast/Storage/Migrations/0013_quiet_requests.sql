-- What strangers ask about an address is answered in the background, whatever it is they ask: one queue for all of it.
ALTER TABLE recovery_requests RENAME TO quiet_requests;
ALTER TABLE quiet_requests ADD COLUMN kind TEXT NOT NULL DEFAULT 'recovery';
