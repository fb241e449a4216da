-- Moves. What counts of a thread is what is not NULL: first where it was moved to, then where its vendor has it. Imports write
-- the vendor's columns alone, so that a move outlives them.

ALTER TABLE threads ADD COLUMN moved_url_id TEXT;
ALTER TABLE threads ADD COLUMN moved_url TEXT;

CREATE TABLE moves (
    no          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    job         TEXT NOT NULL,
    cursor_no   INTEGER NOT NULL,       -- an origin; of an undo, a thread in the earlier move's record
    cursor_source_id TEXT NOT NULL,     -- the last thread of the origin that was looked at; empty before the first
    tally       TEXT NOT NULL,          -- JSON
    complete    INTEGER NOT NULL,
    UNIQUE (account, job)
) STRICT;

-- The record of a move: what stood in the columns moved_url_id and moved_url, and what it wrote there. An undo reads it.
CREATE TABLE moved_threads (
    move_no     INTEGER NOT NULL REFERENCES moves (no),
    thread_no   INTEGER NOT NULL REFERENCES threads (no),
    before_url_id TEXT,
    before_url  TEXT,
    after_url_id TEXT,
    after_url   TEXT,
    PRIMARY KEY (move_no, thread_no)
) STRICT, WITHOUT ROWID;

-- The pages with comments that a move's threads left, and those that they came to, so that each is counted once.
CREATE TABLE moved_pages (
    move_no     INTEGER NOT NULL REFERENCES moves (no),
    side        TEXT NOT NULL,          -- left or reached
    url_id      TEXT NOT NULL,
    PRIMARY KEY (move_no, side, url_id)
) STRICT, WITHOUT ROWID;
