-- What jobs do, for lists of one kind.

ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT 'import';
