-- Sites whose plugin sends comments, and those that ask to be linked. Times are milliseconds since 1970 in UTC.

CREATE TABLE sites (
    id          TEXT PRIMARY KEY,
    token_sha256 BLOB NOT NULL UNIQUE,
    domain      TEXT NOT NULL,          -- as the site names itself
    state       TEXT NOT NULL,          -- asking, linked, refused or revoked
    without_sync INTEGER NOT NULL,
    account     TEXT,                   -- whose admin answered; NULL while it asks
    answered_by TEXT,
    answered_at INTEGER,
    asked_at    INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,       -- when one that is not linked is forgotten
    revoked_at  INTEGER,
    heard_at    INTEGER,
    job         TEXT,                   -- its last sync
    told_at     INTEGER,                -- the greatest of its copies
    look        TEXT                    -- how far somebody got who looked for what it is to be told
) STRICT, WITHOUT ROWID;

CREATE INDEX sites_of_account ON sites (account, answered_at) WHERE account IS NOT NULL;
CREATE INDEX sites_to_forget ON sites (expires_at) WHERE state IN ('asking', 'refused');

-- Comments of which a linked site keeps a copy, and what it was last told of each.
CREATE TABLE site_copies (
    site        TEXT NOT NULL,
    comment     TEXT NOT NULL,
    vendor      TEXT NOT NULL,
    origin      TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    page        TEXT NOT NULL,
    post        TEXT NOT NULL,          -- source id of the site's own thread on that page
    telling     TEXT NOT NULL,          -- new, updated or deleted
    version     BLOB NOT NULL,
    told_at     INTEGER NOT NULL,
    PRIMARY KEY (site, comment)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX site_copies_by_time ON site_copies (site, told_at);
CREATE INDEX site_copies_of_page ON site_copies (site, page);

-- The ids that such copies have in WordPress: what a site, or its export, brings under these came from here.
CREATE TABLE adopted_comments (
    account     TEXT NOT NULL,
    origin      TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    comment     TEXT NOT NULL,
    PRIMARY KEY (account, origin, source_id)
) STRICT, WITHOUT ROWID;

-- What was changed here, so that it is found among all that was not.
CREATE INDEX comments_changed_here ON comments (thread_no) WHERE local_status IS NOT NULL;
