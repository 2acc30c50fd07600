-- From which networks a key for programs was used: keyed marks of them, joined by spaces, in the order in which they were first seen. network_told_at is when one that was new was last reported, end_told_at when its maker was told that it ends soon.
ALTER TABLE api_keys ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN network_told_at BIGINT;
ALTER TABLE api_keys ADD COLUMN end_told_at BIGINT;
