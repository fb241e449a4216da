-- What is known of an origin from its imports: the time of the newest comment that one brought (microseconds), and by what the last
-- one had pages known (JSON).

ALTER TABLE origins ADD COLUMN newest_comment_at bigint;
ALTER TABLE origins ADD COLUMN page_options text;
