-- The number that a site's copy of a comment has there, once the site has told it: what it has it is not told as new again.
-- A site whose link was replaced by another one with another token is 'replaced': that token stays dead.

ALTER TABLE site_copies ADD COLUMN own_id text;
