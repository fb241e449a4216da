-- The frames that were read for what is written of a step, as JSON: compared with the plan at the end.

ALTER TABLE checkpoints ADD COLUMN frames text NOT NULL DEFAULT '{}';
