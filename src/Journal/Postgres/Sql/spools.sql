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

-- name: read_spools
SELECT num, id, last_seq FROM spool ORDER BY num;

-- name: notify_fresh
SELECT pg_notify('ftpactors_fresh', $1);

-- name: listen_fresh
LISTEN ftpactors_fresh;
