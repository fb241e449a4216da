-- Ids that the outside sees are computed from (account, vendor, origin, kind, source_id) when a row is read. Rows are
-- keyed by short numbers in order of arrival, so that an import appends; the unique indexes by source id keep their
-- locality because the ids of a file mostly ascend. Times of comments are microseconds, all others milliseconds, since
-- 1970 in UTC. See the crate's README for the measurements.

CREATE TABLE origins (
    no          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    vendor      TEXT NOT NULL,
    origin      TEXT NOT NULL,
    UNIQUE (account, vendor, origin)
) STRICT;

CREATE TABLE pages (
    no          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    url_id      TEXT NOT NULL,
    id          TEXT NOT NULL UNIQUE,   -- computed from account and url_id
    url         TEXT,
    title       TEXT,
    comments    INTEGER NOT NULL,
    UNIQUE (account, url_id)
) STRICT;

CREATE TABLE threads (
    no          INTEGER PRIMARY KEY,
    origin_no   INTEGER NOT NULL REFERENCES origins (no),
    source_id   TEXT NOT NULL,
    url_id      TEXT NOT NULL,          -- the source id until the thread is described
    url         TEXT,
    title       TEXT,
    created_at  INTEGER,
    closed      INTEGER NOT NULL,
    described_by BLOB,                  -- the import that gave the description; NULL until there is one
    fingerprint BLOB,
    page_no     INTEGER REFERENCES pages (no),
    UNIQUE (origin_no, source_id)
) STRICT;

CREATE INDEX threads_of_page ON threads (page_no) WHERE page_no IS NOT NULL;

CREATE TABLE authors (
    no          INTEGER PRIMARY KEY,
    origin_no   INTEGER NOT NULL REFERENCES origins (no),
    key         TEXT NOT NULL,
    name        TEXT,
    email       TEXT,
    link        TEXT,
    avatar      TEXT,
    moderator   INTEGER,
    as_of       INTEGER,
    described_by BLOB,                  -- the import that gave the description; NULL until there is one
    fingerprint BLOB,
    UNIQUE (origin_no, key)
) STRICT;

CREATE TABLE comments (
    no          INTEGER PRIMARY KEY,
    origin_no   INTEGER NOT NULL REFERENCES origins (no),
    source_id   TEXT NOT NULL,
    thread_no   INTEGER NOT NULL REFERENCES threads (no),
    parent      TEXT,                   -- source id of what it answers, as the file says; see replies
    author_no   INTEGER REFERENCES authors (no),
    guest_name  TEXT,
    guest_link  TEXT,
    created_at  INTEGER,
    edited_at   INTEGER,
    status      TEXT NOT NULL,          -- as imported
    local_status TEXT,                  -- as changed here since; stays when the comment is imported again
    text_kind   TEXT NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,          -- sanitised
    votes_up    INTEGER,
    votes_down  INTEGER,
    score       INTEGER,
    pinned      INTEGER NOT NULL,
    ip          TEXT,
    fingerprint BLOB NOT NULL,
    UNIQUE (origin_no, source_id)
) STRICT;

CREATE INDEX comments_of_thread ON comments (thread_no, created_at);

-- Comments that stand below another. Apart from the comments, because linking would otherwise write every page of
-- the largest table once more. A link holds as long as both are on one thread; whoever reads it must compare.
CREATE TABLE replies (
    comment_no  INTEGER PRIMARY KEY REFERENCES comments (no),
    parent_no   INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id          TEXT PRIMARY KEY,
    account     TEXT NOT NULL,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER,
    last_used_at INTEGER,
    secret_sha256 BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_of_account ON tokens (account, created_at);

CREATE TABLE imports (
    no          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    job         TEXT NOT NULL,
    state       TEXT NOT NULL,          -- open, then forgetting while its ledger is dropped, then forgotten
    tally       TEXT,                   -- JSON; the sum of its checkpoints, once these are gone
    UNIQUE (account, job)
) STRICT;

CREATE INDEX imports_to_forget ON imports (state) WHERE state <> 'forgotten';

CREATE TABLE findings (
    import_no   INTEGER NOT NULL REFERENCES imports (no),
    part        INTEGER NOT NULL,
    offset      INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    source_id   TEXT NOT NULL,          -- empty where it could not be read
    PRIMARY KEY (import_no, part, offset, reason, source_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    import_no   INTEGER NOT NULL REFERENCES imports (no),
    step        INTEGER NOT NULL,       -- a slice's number, -1 for the plan, -2 for the end
    batches     INTEGER NOT NULL,
    position    INTEGER,
    complete    INTEGER NOT NULL,
    tally       TEXT NOT NULL,          -- JSON
    cursor      TEXT,                   -- source id of the last thread that was linked
    PRIMARY KEY (import_no, step)
) STRICT, WITHOUT ROWID;

-- What a running import's file holds; dropped at its end.
CREATE TABLE ledger_threads (
    no          INTEGER PRIMARY KEY,
    import_no   INTEGER NOT NULL REFERENCES imports (no),
    source_id   TEXT NOT NULL,
    url_id      TEXT,                   -- NULL until the file describes it
    url         TEXT,
    fingerprint BLOB,
    UNIQUE (import_no, source_id)
) STRICT;

CREATE TABLE ledger_comments (
    import_no   INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    part        INTEGER NOT NULL,
    offset      INTEGER NOT NULL,
    thread_no   INTEGER,                -- in ledger_threads; NULL for a refused comment
    comment_no  INTEGER,                -- in comments; NULL in a dry run
    parent      TEXT,
    status      TEXT,
    outcome     TEXT,
    prior       BLOB,                   -- fingerprint that was stored before this import
    PRIMARY KEY (import_no, source_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_comments_of_thread ON ledger_comments (thread_no) WHERE thread_no IS NOT NULL;
