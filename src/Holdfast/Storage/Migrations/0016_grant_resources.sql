-- Which APIs a person let an application use: consent for one is none for another. Joined by spaces. Who allowed something before this is asked once more when an API is wanted.
ALTER TABLE oauth_grants ADD COLUMN resources TEXT NOT NULL DEFAULT '';
