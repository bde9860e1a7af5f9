-- name: read_dropping
-- How far events of each shard and spool may go: below what is not applied.
SELECT c.shard, c.spool, min(c.seq, coalesce(json_extract(c.held, '$[0]') - 1, c.seq)) FROM checkpoint c;

-- name: read_chunk_end
-- The last of the next rows to look at, in the order of the key.
SELECT max(seq), count(*) FROM (SELECT seq FROM event WHERE shard = ?1 AND spool = ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4);

-- name: drop_events
DELETE FROM event WHERE shard = ?1 AND spool = ?2 AND seq <= ?3 AND received_at < ?4;

-- name: drop_sessions
DELETE FROM session WHERE id IN (SELECT id FROM session WHERE opened_at < ?1 AND closed_at < ?1 ORDER BY opened_at, id LIMIT ?2);

-- name: drop_tries
DELETE FROM delivery_try WHERE delivery IN (SELECT id FROM delivery WHERE state = ?1 AND finished_at < ?2 ORDER BY id LIMIT ?3);

-- name: drop_deliveries
DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE state = ?1 AND finished_at < ?2 ORDER BY id LIMIT ?3);
