-- A desk is a workspace's; who is in no workspace has one of their own, under the id of their account.
CREATE TABLE IF NOT EXISTS desks (id TEXT PRIMARY KEY, name TEXT NOT NULL, opened_at INTEGER NOT NULL, receptionist TEXT NOT NULL, greeting TEXT NOT NULL, opens TEXT NOT NULL, closes TEXT NOT NULL, after_hours TEXT NOT NULL);
-- Who has been at a desk: the names behind the ids below.
CREATE TABLE IF NOT EXISTS people (desk_id TEXT NOT NULL, account_id TEXT NOT NULL, name TEXT NOT NULL, seen_at INTEGER NOT NULL, PRIMARY KEY (desk_id, account_id));
CREATE TABLE IF NOT EXISTS numbers (number TEXT PRIMARY KEY, area TEXT NOT NULL, desk_id TEXT UNIQUE, taken_at INTEGER);
CREATE TABLE IF NOT EXISTS leads (id INTEGER PRIMARY KEY, desk_id TEXT NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL, email TEXT NOT NULL, wish TEXT NOT NULL, state TEXT NOT NULL, came_at INTEGER NOT NULL, owner_id TEXT, crm_at INTEGER);
CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, desk_id TEXT NOT NULL, lead_id INTEGER NOT NULL, author_id TEXT NOT NULL, text TEXT NOT NULL, written_at INTEGER NOT NULL);
-- A recording is a file of this name in the folder "recordings".
CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY, desk_id TEXT NOT NULL, caller TEXT NOT NULL, phone TEXT NOT NULL, came_at INTEGER NOT NULL, seconds INTEGER NOT NULL, outcome TEXT NOT NULL, summary TEXT NOT NULL, transcript TEXT, recording TEXT UNIQUE, taken_by TEXT, erased INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS appointments (id INTEGER PRIMARY KEY, desk_id TEXT NOT NULL, guest TEXT NOT NULL, about TEXT NOT NULL, at INTEGER NOT NULL, minutes INTEGER NOT NULL, host_id TEXT, in_calendar INTEGER NOT NULL, mailed_at INTEGER);
CREATE TABLE IF NOT EXISTS articles (id INTEGER PRIMARY KEY, desk_id TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, author_id TEXT, changed_at INTEGER NOT NULL);
-- What Holdfast was answered: the same for every try of one message. It names nobody.
CREATE TABLE IF NOT EXISTS erasures (message_id TEXT PRIMARY KEY, answer TEXT NOT NULL, done_at INTEGER);
CREATE INDEX IF NOT EXISTS leads_desk ON leads (desk_id, came_at);
CREATE INDEX IF NOT EXISTS notes_lead ON notes (desk_id, lead_id);
CREATE INDEX IF NOT EXISTS calls_desk ON calls (desk_id, came_at);
CREATE INDEX IF NOT EXISTS appointments_desk ON appointments (desk_id, at);
CREATE INDEX IF NOT EXISTS articles_desk ON articles (desk_id, id);
