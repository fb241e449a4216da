-- An import has a ledger for each origin that its file holds. What a running import has noted so far does not say whose it is:
-- its steps begin anew, and find their rows unchanged.

DELETE FROM checkpoints;
DROP TABLE ledger_comments;
DROP TABLE ledger_threads;

CREATE TABLE ledgers (
    no          INTEGER PRIMARY KEY,
    import_no   INTEGER NOT NULL REFERENCES imports (no),
    origin      TEXT NOT NULL,
    UNIQUE (import_no, origin)
) STRICT;

-- What a running import's file holds; dropped at its end.
CREATE TABLE ledger_threads (
    no          INTEGER PRIMARY KEY,
    ledger_no   INTEGER NOT NULL REFERENCES ledgers (no),
    source_id   TEXT NOT NULL,
    url_id      TEXT,                   -- NULL until the file describes it
    url         TEXT,
    fingerprint BLOB,
    UNIQUE (ledger_no, source_id)
) STRICT;

CREATE TABLE ledger_comments (
    ledger_no   INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    part        INTEGER NOT NULL,
    offset      INTEGER NOT NULL,
    thread_no   INTEGER,                -- in ledger_threads; NULL for a refused comment
    comment_no  INTEGER,                -- in comments; NULL in a dry run
    parent      TEXT,
    status      TEXT,
    outcome     TEXT,
    prior       BLOB,                   -- fingerprint that was stored before this import
    address_hash INTEGER,               -- these two for the count of names that were signed with one address
    name_hash   INTEGER,
    PRIMARY KEY (ledger_no, source_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_comments_of_thread ON ledger_comments (thread_no) WHERE thread_no IS NOT NULL;
