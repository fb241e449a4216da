-- Times are milliseconds since 1970 in UTC. Ids are UUIDs as text; those of jobs sort by time of creation.

CREATE TABLE jobs (
    no          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    state       TEXT NOT NULL,
    phase       TEXT NOT NULL,
    stopping    INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    document    TEXT NOT NULL           -- the whole job as JSON; the columns above repeat it for queries
) STRICT;

CREATE INDEX jobs_of_account ON jobs (account, id);
CREATE INDEX jobs_by_state ON jobs (state, id);

CREATE TABLE slices (
    job_no      INTEGER NOT NULL REFERENCES jobs (no) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    state       TEXT NOT NULL,          -- pending, open, complete, given_up
    attempts    INTEGER NOT NULL,       -- begun so many times since it last got further
    updated_at  INTEGER NOT NULL,
    spec        TEXT NOT NULL,          -- JSON
    PRIMARY KEY (job_no, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX slices_by_state ON slices (job_no, state, number);

-- The last report of every step: its slice's number, -1 for the plan, -2 for the end.
CREATE TABLE reports (
    job_no      INTEGER NOT NULL REFERENCES jobs (no) ON DELETE CASCADE,
    step        INTEGER NOT NULL,
    bytes_read  INTEGER NOT NULL,
    ended       INTEGER NOT NULL,
    tally       TEXT NOT NULL,          -- JSON
    PRIMARY KEY (job_no, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id          TEXT PRIMARY KEY,
    created_at  INTEGER NOT NULL,
    done        INTEGER NOT NULL,       -- delivered through all channels
    document    TEXT NOT NULL           -- JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX events_to_deliver ON events (created_at) WHERE NOT done;

CREATE TABLE deliveries (
    event       TEXT NOT NULL,
    channel     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (event, channel)
) STRICT, WITHOUT ROWID;
