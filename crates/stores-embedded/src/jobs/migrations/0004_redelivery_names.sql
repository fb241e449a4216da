-- The columns of what was published as overdue get the names that the code has for them.

ALTER TABLE jobs RENAME COLUMN told TO publish_count;
ALTER TABLE jobs RENAME COLUMN told_at TO published_at;
ALTER TABLE jobs RENAME COLUMN held_until TO not_before;
ALTER TABLE slices RENAME COLUMN told TO publish_count;
ALTER TABLE slices RENAME COLUMN told_at TO published_at;
ALTER TABLE slices RENAME COLUMN held_until TO not_before;
ALTER TABLE events RENAME COLUMN told TO publish_count;
ALTER TABLE events RENAME COLUMN told_at TO published_at;
