-- The server's end of a session, and of a running transfer its size, where in the file it began and when. Null when not known.
ALTER TABLE session
    ADD COLUMN local text,
    ADD COLUMN bytes_total bigint,
    ADD COLUMN restart_at bigint,
    ADD COLUMN transfer_started_at timestamptz;
