-- name: read_server
SELECT current_setting('server_version_num')::integer, current_setting('synchronous_commit'), current_setting('fsync');

-- name: read_identity
-- The timeline by the name of the WAL file that is written now: the control file learns of a promotion only with the next checkpoint.
SELECT pg_backend_pid(), pg_is_in_recovery(),
       CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END;

-- name: read_system
SELECT system_identifier::text FROM pg_control_system();

-- name: has_journal
-- From the table, not by to_regclass: that may remember, over the wait for a lock, that there was none.
SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'journal' AND relnamespace = current_schema()::regnamespace);

-- name: read_journal
SELECT shards, version FROM journal;

-- name: read_journal_system
SELECT system FROM journal;

-- name: set_journal_system
-- For a journal that was made before it was stored.
UPDATE journal SET system = $1 WHERE system IS NULL;

-- name: read_place_of_server
SELECT server, shard_map FROM journal;

-- name: set_place_of_server
UPDATE journal SET server = $1, shard_map = $2;

-- name: start_delivery_ids
SELECT setval(pg_get_serial_sequence('delivery', 'id'), $1, false);

-- name: may_make_days
SELECT has_function_privilege('make_event_day(date)', 'EXECUTE');

-- name: lock_migration
SELECT pg_advisory_xact_lock($1, -1);

-- name: insert_journal
INSERT INTO journal (shards, version, system) VALUES ($1, $2, $3);

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
SELECT set_config('lock_timeout', '1s', true);
