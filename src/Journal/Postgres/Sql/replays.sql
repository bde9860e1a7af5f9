-- name: insert_replay
INSERT INTO replay (id, parameters, state, created_at, changed_at) VALUES ($1, $2, 'running', $3, $3) ON CONFLICT (id) DO NOTHING;

-- name: read_replays
SELECT r.id, r.parameters, r.state, r.created_at, r.changed_at, r.read, r.matched, r.made, p.shard, s.id, p.seq
FROM replay r LEFT JOIN replay_position p ON p.replay = r.id LEFT JOIN spool s ON s.num = p.spool
WHERE $1::text IS NULL OR r.id = $1 ORDER BY r.created_at, r.id, p.shard, p.spool;

-- name: lock_replay
SELECT r.state, r.claimed_by, (SELECT num FROM spool WHERE id = $3),
       coalesce((SELECT p.seq FROM replay_position p JOIN spool s ON s.num = p.spool WHERE p.replay = $1 AND p.shard = $2 AND s.id = $3), 0)
FROM replay r WHERE r.id = $1 FOR UPDATE OF r;

-- name: move_replay
INSERT INTO replay_position (replay, shard, spool, seq) VALUES ($1, $2, $3, $4)
ON CONFLICT (replay, shard, spool) DO UPDATE SET seq = excluded.seq;

-- name: count_replay
UPDATE replay SET read = read + $2, matched = matched + $3, made = made + $4, changed_at = $5 WHERE id = $1;

-- name: set_replay_state
UPDATE replay SET state = $2, changed_at = $3 WHERE id = $1;

-- name: claim_replay
UPDATE replay SET claimed_by = $2, claimed_until = now() + $3
WHERE id = $1 AND state = 'running' AND (claimed_by IS NULL OR claimed_by = $2 OR claimed_until < now());

-- name: release_replay
UPDATE replay SET claimed_by = NULL, claimed_until = NULL WHERE id = $1 AND claimed_by = $2;
