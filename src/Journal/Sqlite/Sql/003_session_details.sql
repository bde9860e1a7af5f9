-- The server's end of a session, and of a running transfer its size, where in the file it began and when. Null when not known.
ALTER TABLE session ADD COLUMN local TEXT;
ALTER TABLE session ADD COLUMN bytes_total INTEGER;
ALTER TABLE session ADD COLUMN restart_at INTEGER;
ALTER TABLE session ADD COLUMN transfer_started_at INTEGER;
