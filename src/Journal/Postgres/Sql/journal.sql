-- name: read_server
SELECT current_setting('server_version_num')::integer, pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('fsync');

-- name: has_journal
-- From the table, not by to_regclass: that may remember, over the wait for a lock, that there was none.
SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'journal' AND relnamespace = current_schema()::regnamespace);

-- name: read_journal
SELECT shards, version FROM journal;

-- name: lock_migration
SELECT pg_advisory_xact_lock($1, -1);

-- name: insert_journal
INSERT INTO journal (shards, version) VALUES ($1, $2);

-- name: insert_shards
INSERT INTO shard (id) SELECT generate_series(0, $1 - 1);

-- name: set_version
UPDATE journal SET version = $1;

-- name: make_days
SELECT make_event_day((now() AT TIME ZONE 'UTC')::date), make_event_day((now() AT TIME ZONE 'UTC')::date + 1);

-- name: make_day
SELECT make_event_day($1);

-- name: read_days
SELECT event_days();

-- name: drop_day
SELECT drop_event_day($1);

-- name: wait_briefly
SELECT set_config('lock_timeout', '3s', true);
