-- Sessions of browsers and links that open one stand among the tokens. A session's parent is the token that it was opened with.

ALTER TABLE tokens ADD COLUMN kind text NOT NULL DEFAULT 'token';   -- token, session or link
ALTER TABLE tokens ADD COLUMN parent text COLLATE "C";
