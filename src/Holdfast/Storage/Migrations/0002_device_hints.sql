-- What a browser tells of itself beside its User-Agent, as one short line: names are made from both when they are shown.
ALTER TABLE sessions ADD COLUMN hints TEXT NOT NULL DEFAULT '';
