-- Comments keep what they were signed with; see comments/signature.rs. What guests had was theirs already.
ALTER TABLE comments RENAME COLUMN guest_name TO signed_name;
ALTER TABLE comments RENAME COLUMN guest_link TO signed_link;
ALTER TABLE comments ADD COLUMN signed_avatar text;
ALTER TABLE comments ADD COLUMN signed_as_usual boolean;   -- whether its author's usual signature is its own; NULL without one
UPDATE comments SET signed_as_usual = FALSE WHERE signed_name IS NOT NULL OR signed_link IS NOT NULL;

ALTER TABLE authors ADD COLUMN usual_name text;            -- these three never change
ALTER TABLE authors ADD COLUMN usual_link text;
ALTER TABLE authors ADD COLUMN usual_avatar text;

-- For the count of names that were signed with one address.
ALTER TABLE ledger_comments ADD COLUMN address_hash bigint;
ALTER TABLE ledger_comments ADD COLUMN name_hash bigint;
