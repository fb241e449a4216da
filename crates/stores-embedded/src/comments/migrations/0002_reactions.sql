-- Reactions to pages: JSON arrays of {"kind", "count"}, by kind; NULL where there are none. A page has the sums of its threads.

ALTER TABLE threads ADD COLUMN reactions TEXT;
ALTER TABLE pages ADD COLUMN reactions TEXT;
