-- name: read_lease
-- In milliseconds.
SELECT setting::bigint FROM pg_settings WHERE name = 'idle_session_timeout';

-- name: set_lock_timeout
SELECT set_config('lock_timeout', $1, false);

-- name: lock_shard
SELECT pg_advisory_lock($1, $2);

-- name: unlock_shard
SELECT pg_advisory_unlock($1, $2);

-- name: holds_lock
-- The two keys of a lock are unsigned in pg_locks; ours are small enough.
SELECT EXISTS (SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND classid = $1::bigint::oid AND objid = $2::bigint::oid AND objsubid = 2 AND granted AND pid = pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()));

-- name: read_holder
SELECT s.owner, l.pid, a.client_addr::text, a.state_change FROM pg_locks l
LEFT JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN shard s ON s.id = $2 AND s.owner_pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid AND l.objsubid = 2 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database());

-- name: end_silent_holder
-- A client that is frozen in the middle of a batch, or whose packets stop there, leaves its backend waiting for the rest (or for room to
-- answer): it is neither idle nor in a statement, and no timeout of the server ends it. Its own role may; of another one nothing is to be seen.
SELECT count(pg_terminate_backend(a.pid)) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid AND l.objsubid = 2 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND a.wait_event_type = 'Client' AND a.state = 'active' AND a.state_change < now() - $3::interval;

-- name: take_shard
UPDATE shard SET epoch = epoch + 1, owner = $2, owner_pid = pg_backend_pid(), taken_at = now(), system = $3, timeline = $4
WHERE id = $1 RETURNING epoch;

-- name: read_checkpoints
SELECT s.id, c.seq, c.held FROM checkpoint c JOIN spool s ON s.num = c.spool WHERE c.shard = $1 ORDER BY c.spool;

-- name: count_step
-- Changes no row when the epoch is old, or when a pooler has put the statement on another backend than the one that has the lock.
UPDATE shard SET duplicates = duplicates + $3, reordered = reordered + $4 WHERE id = $1 AND epoch = $2 AND owner_pid = pg_backend_pid();

-- name: require_epoch
SELECT 1 FROM shard WHERE id = $1 AND epoch = $2 AND owner_pid = pg_backend_pid() FOR UPDATE;

-- name: lock_shard_rows
SELECT id FROM shard WHERE id = ANY ($1) ORDER BY id FOR UPDATE;

-- name: write_checkpoint
INSERT INTO checkpoint (shard, spool, seq, held) SELECT $1, num, $3, $4 FROM spool WHERE id = $2
ON CONFLICT (shard, spool) DO UPDATE SET seq = excluded.seq, held = excluded.held;

-- name: heartbeat
SELECT 1;

-- name: read_backlog
SELECT h.id, h.epoch, h.owner, h.duplicates, h.reordered, p.id, coalesce(c.seq, 0), coalesce(l.last_seq, c.seq, 0), coalesce(c.held, '{}')
FROM shard h CROSS JOIN spool p
LEFT JOIN checkpoint c ON c.shard = h.id AND c.spool = p.num
LEFT JOIN spool_shard l ON l.shard = h.id AND l.spool = p.num
ORDER BY h.id, p.num;

-- name: read_waiting
-- Of some shards, each with its position and its oldest seq that is not applied. Nobody counts further than a million.
SELECT s.shard,
       (SELECT count(*) FROM (SELECT 1 FROM event
                              WHERE shard = s.shard AND spool = (SELECT num FROM spool WHERE id = $4) AND seq > s.position
                                AND received_at >= $5 AND received_at < $6 LIMIT 1000000) unread),
       (SELECT received_at FROM event
        WHERE shard = s.shard AND spool = (SELECT num FROM spool WHERE id = $4) AND seq >= s.oldest AND received_at >= $5 AND received_at < $6
        ORDER BY seq LIMIT 1)
FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS s (shard, position, oldest);
