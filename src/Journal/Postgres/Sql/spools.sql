-- name: insert_spool
INSERT INTO spool (id, host, last_seq) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING;

-- name: lock_spool
SELECT num, last_seq, host FROM spool WHERE id = $1 FOR UPDATE;

-- name: move_spool
UPDATE spool SET last_seq = $3, host = $4, horizon = greatest(horizon, $5) WHERE num = $1 AND last_seq = $2;

-- name: skip_spool
UPDATE spool SET last_seq = $3 WHERE id = $1 AND last_seq = $2;

-- name: read_horizons
SELECT id, host, horizon FROM spool WHERE horizon IS NOT NULL;

-- name: move_days
INSERT INTO spool_day (spool, day, first_seq, last_seq)
SELECT $1, d.day, d.first_seq, d.last_seq FROM unnest($2::date[], $3::bigint[], $4::bigint[]) AS d (day, first_seq, last_seq)
ON CONFLICT (spool, day) DO UPDATE SET last_seq = greatest(spool_day.last_seq, excluded.last_seq);

-- name: move_shards
INSERT INTO spool_shard (spool, shard, last_seq) SELECT $1, s.shard, s.seq FROM unnest($2::integer[], $3::bigint[]) AS s (shard, seq)
ON CONFLICT (spool, shard) DO UPDATE SET last_seq = excluded.last_seq;

-- name: read_spools
SELECT num, id, last_seq FROM spool ORDER BY num;

-- name: notify_fresh
SELECT pg_notify('ftpactors_fresh', $1);

-- name: listen
LISTEN ftpactors_fresh; LISTEN ftpactors_cluster; LISTEN ftpactors_host; LISTEN ftpactors_due;
