-- name: insert_delivery
INSERT INTO delivery (key, shard, rule, trigger, session, ordered, on_host, due_at, replay, created_at, facts, state, blocked, step, attempt)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'due',
        ?6 AND EXISTS (SELECT 1 FROM delivery WHERE shard = ?2 AND session = ?5 AND state = 'due' AND ordered = 1), 0, 0)
ON CONFLICT (key) DO NOTHING;

-- name: read_due
SELECT id, key, shard, rule, trigger, session, ordered, on_host, facts, due_at, replay, state, step, attempt, created_at, finished_at
FROM delivery
WHERE shard = ?1 AND on_host IS NULL AND state = 'due' AND blocked = 0 AND due_at <= ?3
UNION ALL
SELECT id, key, shard, rule, trigger, session, ordered, on_host, facts, due_at, replay, state, step, attempt, created_at, finished_at
FROM delivery
WHERE shard = ?1 AND on_host = ?2 AND state = 'due' AND blocked = 0 AND due_at <= ?3
ORDER BY due_at, id;

-- name: read_next_due
SELECT min(due_at) FROM (
    SELECT min(due_at) AS due_at FROM delivery WHERE shard = ?1 AND on_host IS NULL AND state = 'due' AND blocked = 0 AND due_at > ?3
    UNION ALL
    SELECT min(due_at) AS due_at FROM delivery WHERE shard = ?1 AND on_host = ?2 AND state = 'due' AND blocked = 0 AND due_at > ?3);

-- name: read_place
SELECT shard, session, ordered, state FROM delivery WHERE id = ?1;

-- name: move_delivery
UPDATE delivery SET state = ?2, step = ?3, attempt = ?4, due_at = ?5, finished_at = ?6, blocked = blocked AND ?2 = 'due' WHERE id = ?1;

-- name: drop_delivery
UPDATE delivery SET state = 'dropped', finished_at = ?2, blocked = 0 WHERE id = ?1;

-- name: hasten_delivery
UPDATE delivery SET due_at = ?2, attempt = 0 WHERE id = ?1;

-- name: revive_delivery
UPDATE delivery SET state = 'due', due_at = ?2, attempt = 0, finished_at = NULL,
    blocked = ordered AND EXISTS (SELECT 1 FROM delivery d WHERE d.shard = delivery.shard AND d.session = delivery.session
                                  AND d.state = 'due' AND d.ordered = 1 AND d.id < delivery.id)
WHERE id = ?1;

-- name: unblock_first
UPDATE delivery SET blocked = 0
WHERE id = (SELECT min(id) FROM delivery WHERE shard = ?1 AND session = ?2 AND state = 'due' AND ordered = 1) AND blocked = 1;

-- name: block_next
UPDATE delivery SET blocked = 1
WHERE id = (SELECT min(id) FROM delivery WHERE shard = ?1 AND session = ?2 AND state = 'due' AND ordered = 1 AND id > ?3) AND blocked = 0;

-- name: insert_try
INSERT INTO delivery_try (delivery, number, step, node, started_at, ended_at, succeeded, code, summary, first_output, last_output)
SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM delivery_try WHERE delivery = ?1;

-- name: read_tries
SELECT number, step, node, started_at, ended_at, succeeded, code, summary, first_output, last_output
FROM delivery_try WHERE delivery = ?1 ORDER BY number;

-- name: query_deliveries
SELECT id, key, shard, rule, trigger, session, ordered, on_host, facts, due_at, replay, state, step, attempt, created_at, finished_at
FROM delivery
WHERE id > ?1 AND id <= ?2
  AND (?3 IS NULL OR rule GLOB ?3)
  AND (?5 IS NULL OR coalesce(json_extract(facts, '$.user'), '') GLOB ?5)
  AND (?6 IS NULL OR created_at >= ?6)
  AND (?7 IS NULL OR created_at < ?7)
  AND (?8 IS NULL OR replay GLOB ?8)
ORDER BY id LIMIT ?9;

-- name: query_deliveries_in_state
SELECT id, key, shard, rule, trigger, session, ordered, on_host, facts, due_at, replay, state, step, attempt, created_at, finished_at
FROM delivery INDEXED BY delivery_state
WHERE state = ?4 AND id > ?1 AND id <= ?2
  AND (?3 IS NULL OR rule GLOB ?3)
  AND (?5 IS NULL OR coalesce(json_extract(facts, '$.user'), '') GLOB ?5)
  AND (?6 IS NULL OR created_at >= ?6)
  AND (?7 IS NULL OR created_at < ?7)
  AND (?8 IS NULL OR replay GLOB ?8)
ORDER BY id LIMIT ?9;

-- name: query_deliveries_backwards
SELECT id FROM delivery
WHERE (?3 IS NULL OR rule GLOB ?3)
  AND (?5 IS NULL OR coalesce(json_extract(facts, '$.user'), '') GLOB ?5)
  AND (?6 IS NULL OR created_at >= ?6)
  AND (?7 IS NULL OR created_at < ?7)
  AND (?8 IS NULL OR replay GLOB ?8)
ORDER BY id DESC LIMIT 1 OFFSET ?9;

-- name: query_deliveries_in_state_backwards
SELECT id FROM delivery INDEXED BY delivery_state
WHERE state = ?4
  AND (?3 IS NULL OR rule GLOB ?3)
  AND (?5 IS NULL OR coalesce(json_extract(facts, '$.user'), '') GLOB ?5)
  AND (?6 IS NULL OR created_at >= ?6)
  AND (?7 IS NULL OR created_at < ?7)
  AND (?8 IS NULL OR replay GLOB ?8)
ORDER BY id DESC LIMIT 1 OFFSET ?9;

-- name: count_deliveries
SELECT rule, state, count(*) FROM delivery INDEXED BY delivery_rule GROUP BY rule, state;

-- name: count_deliveries_on_hosts
SELECT on_host, count(*), min(created_at) FROM delivery INDEXED BY delivery_state
WHERE state = 'due' AND on_host IS NOT NULL GROUP BY on_host ORDER BY on_host;
