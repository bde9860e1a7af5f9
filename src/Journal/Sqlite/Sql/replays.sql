-- name: read_epoch
SELECT epoch FROM shard WHERE id = ?1;

-- name: insert_replay
INSERT INTO replay (id, parameters, state, created_at, changed_at) VALUES (?1, ?2, 'running', ?3, ?3) ON CONFLICT (id) DO NOTHING;

-- name: read_replays
SELECT id, parameters, state, created_at, changed_at, read, matched, made FROM replay
WHERE ?1 IS NULL OR id = ?1 ORDER BY created_at, id;

-- name: read_replay_positions
SELECT r.shard, s.id, r.seq FROM replay_position r JOIN spool s ON s.num = r.spool WHERE r.replay = ?1 ORDER BY r.shard, r.spool;

-- name: read_replay_place
SELECT state, coalesce((SELECT seq FROM replay_position WHERE replay = ?1 AND shard = ?2 AND spool = ?3), 0) FROM replay WHERE id = ?1;

-- name: move_replay
INSERT INTO replay_position (replay, shard, spool, seq) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (replay, shard, spool) DO UPDATE SET seq = excluded.seq;

-- name: count_replay
UPDATE replay SET read = read + ?2, matched = matched + ?3, made = made + ?4, changed_at = ?5 WHERE id = ?1;

-- name: set_replay_state
UPDATE replay SET state = ?2, changed_at = ?3 WHERE id = ?1;

-- name: delete_session
DELETE FROM session WHERE id = ?1 AND shard = ?2;
