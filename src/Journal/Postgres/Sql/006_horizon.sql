-- Everything that the spool's host received before this time, by the host's clock, is in the journal; NULL when nothing is known.
ALTER TABLE spool ADD COLUMN horizon timestamptz;
