-- Times of the earliest and the latest comment of a step so far, in microseconds; NULL where no comment had one.

ALTER TABLE checkpoints ADD COLUMN first_comment_at INTEGER;
ALTER TABLE checkpoints ADD COLUMN last_comment_at INTEGER;
