-- name: insert_event
INSERT INTO event (shard, spool, seq, received_at, kind, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: last_event
SELECT max(seq) FROM event WHERE shard = ?1 AND spool = ?2;

-- name: read_shard
SELECT seq, received_at, kind, payload FROM event
WHERE shard = ?1 AND spool = (SELECT num FROM spool WHERE id = ?2) AND seq > ?3
ORDER BY seq LIMIT ?4;

-- name: read_shard_backwards
SELECT seq, received_at, kind, payload FROM event
WHERE shard = ?1 AND spool = (SELECT num FROM spool WHERE id = ?2) AND seq <= ?3
ORDER BY seq DESC;

-- name: read_event
SELECT seq, received_at, kind, payload FROM event
WHERE shard = ?1 AND spool = (SELECT num FROM spool WHERE id = ?2) AND seq = ?3;

-- name: query_events
SELECT seq, received_at, kind, payload FROM event
WHERE shard = ?1 AND spool = ?2 AND seq > ?3
  AND (?4 IS NULL OR received_at >= ?4)
  AND (?5 IS NULL OR received_at < ?5)
  AND (?6 IS NULL OR kind = ?6)
  AND (?7 IS NULL OR coalesce(json_extract(payload, '$.user'), '') GLOB ?7)
  AND (?8 IS NULL OR coalesce(json_extract(payload, '$.path'), '') GLOB ?8)
ORDER BY seq;

-- name: query_events_backwards
SELECT seq FROM event
WHERE shard = ?1 AND spool = ?2 AND seq > ?3
  AND (?4 IS NULL OR received_at >= ?4)
  AND (?5 IS NULL OR received_at < ?5)
  AND (?6 IS NULL OR kind = ?6)
  AND (?7 IS NULL OR coalesce(json_extract(payload, '$.user'), '') GLOB ?7)
  AND (?8 IS NULL OR coalesce(json_extract(payload, '$.path'), '') GLOB ?8)
ORDER BY seq DESC;
