-- Sites whose plugin sends comments, and those that ask to be linked. Times are milliseconds since 1970 in UTC.

CREATE TABLE sites (
    id          uuid PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE,
    domain      text NOT NULL,          -- as the site names itself
    state       text NOT NULL,          -- asking, linked, refused or revoked
    without_sync boolean NOT NULL,
    account     text COLLATE "C",       -- whose admin answered; NULL while it asks
    answered_by text,
    answered_at bigint,
    asked_at    bigint NOT NULL,
    expires_at  bigint NOT NULL,        -- when one that is not linked is forgotten
    revoked_at  bigint,
    heard_at    bigint,
    job         uuid,                   -- its last sync
    told_at     bigint,                 -- the greatest of its copies
    look        text                    -- how far somebody got who looked for what it is to be told
);

CREATE INDEX sites_of_account ON sites (account, answered_at) WHERE account IS NOT NULL;
CREATE INDEX sites_to_forget ON sites (expires_at) WHERE state IN ('asking', 'refused');

-- Comments of which a linked site keeps a copy, and what it was last told of each.
CREATE TABLE site_copies (
    site        uuid NOT NULL,
    comment     uuid NOT NULL,
    vendor      text COLLATE "C" NOT NULL,
    origin      text COLLATE "C" NOT NULL,
    source_id   text COLLATE "C" NOT NULL,
    page        uuid NOT NULL,
    post        text COLLATE "C" NOT NULL,  -- source id of the site's own thread on that page
    telling     text NOT NULL,          -- new, updated or deleted
    version     bytea NOT NULL,
    told_at     bigint NOT NULL,
    PRIMARY KEY (site, comment)
);

CREATE UNIQUE INDEX site_copies_by_time ON site_copies (site, told_at);
CREATE INDEX site_copies_of_page ON site_copies (site, page);

-- The ids that such copies have in WordPress: what a site, or its export, brings under these came from here.
CREATE TABLE adopted_comments (
    account     text COLLATE "C" NOT NULL,
    origin      text COLLATE "C" NOT NULL,
    source_id   text COLLATE "C" NOT NULL,
    comment     uuid NOT NULL,
    PRIMARY KEY (account, origin, source_id)
);

-- What was changed here, so that it is found among all that was not.
CREATE INDEX comments_changed_here ON comments (thread_no) WHERE local_status IS NOT NULL;
