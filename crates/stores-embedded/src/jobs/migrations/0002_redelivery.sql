-- What was told of overdue tasks and events since they last moved, and what was postponed.
-- told: times; told_at, held_until: NULL when there is none; postponed: times in a row since it last got further.

ALTER TABLE jobs ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN told_at INTEGER;
ALTER TABLE jobs ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN held_until INTEGER;

ALTER TABLE slices ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slices ADD COLUMN told_at INTEGER;
ALTER TABLE slices ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE slices ADD COLUMN held_until INTEGER;

ALTER TABLE events ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN told_at INTEGER;

-- For the census: counting needs this index alone.
ALTER TABLE jobs ADD COLUMN vendor TEXT;
UPDATE jobs SET vendor = json_extract(document, '$.facts.vendor');
CREATE INDEX jobs_by_vendor ON jobs (state, vendor);
