-- name: insert_delivery
INSERT INTO delivery (key, shard, rule, trigger, session, ordered, on_host, due_at, replay, created_at, facts, state, blocked, step, attempt)
VALUES ($1, $2, $3, $4, $5::text, $6, $7, $8, $9, $10, $11, 'due',
        $6 AND EXISTS (SELECT 1 FROM delivery WHERE shard = $2 AND session = $5 AND state = 'due' AND ordered), 0, 0)
ON CONFLICT (key) DO NOTHING;

-- name: read_due
SELECT id, key, shard, rule, trigger, session, ordered, on_host, facts, due_at, replay, state, step, attempt, created_at, finished_at
FROM delivery
WHERE shard = $1 AND on_host IS NULL AND state = 'due' AND NOT blocked AND due_at <= $2
  AND id <> ALL ($3) AND rule <> ALL ($4)
ORDER BY due_at, id LIMIT $5;

-- name: read_next_due
SELECT due_at FROM delivery
WHERE shard = $1 AND on_host IS NULL AND state = 'due' AND NOT blocked AND due_at > $2
ORDER BY due_at LIMIT 1;

-- name: read_place
SELECT shard, session, ordered, state FROM delivery WHERE id = $1;

-- name: read_shards_of
SELECT DISTINCT shard FROM delivery WHERE id = ANY ($1);

-- name: move_delivery
-- A claim stays only when the next action of the chain follows at once.
UPDATE delivery SET state = $2, step = $3, attempt = $4, due_at = $5, finished_at = $6, blocked = blocked AND $2 = 'due',
    claimed_by = CASE WHEN $2 = 'due' AND $4 = 0 THEN claimed_by END, claimed_until = CASE WHEN $2 = 'due' AND $4 = 0 THEN claimed_until END
WHERE id = $1;

-- name: drop_delivery
UPDATE delivery SET state = 'dropped', finished_at = $2, blocked = false WHERE id = $1;

-- name: hasten_delivery
UPDATE delivery SET due_at = $2, attempt = 0 WHERE id = $1;

-- name: revive_delivery
UPDATE delivery SET state = 'due', due_at = $2, attempt = 0, finished_at = NULL,
    blocked = ordered AND EXISTS (SELECT 1 FROM delivery d WHERE d.shard = delivery.shard AND d.session = delivery.session
                                  AND d.state = 'due' AND d.ordered AND d.id < delivery.id)
WHERE id = $1;

-- name: unblock_first
UPDATE delivery SET blocked = false
WHERE id = (SELECT min(id) FROM delivery WHERE shard = $1 AND session = $2 AND state = 'due' AND ordered) AND blocked;

-- name: block_next
UPDATE delivery SET blocked = true
WHERE id = (SELECT min(id) FROM delivery WHERE shard = $1 AND session = $2 AND state = 'due' AND ordered AND id > $3) AND NOT blocked;

-- name: insert_try
INSERT INTO delivery_try (delivery, number, step, node, started_at, ended_at, succeeded, code, summary, first_output, last_output)
SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7::integer, $8, $9, $10 FROM delivery_try WHERE delivery = $1;

-- name: read_tries
SELECT number, step, node, started_at, ended_at, succeeded, code, summary, first_output, last_output
FROM delivery_try WHERE delivery = $1 ORDER BY number;

-- name: query_deliveries
SELECT id, key, shard, rule, trigger, session, ordered, on_host, facts, due_at, replay, state, step, attempt, created_at, finished_at
FROM delivery
WHERE ($1::text IS NULL OR state = $1)
  AND ($2::text IS NULL OR rule LIKE $2)
  AND ($3::text IS NULL OR coalesce(facts ->> 'user', '') LIKE $3)
  AND ($4::timestamptz IS NULL OR created_at >= $4)
  AND ($5::timestamptz IS NULL OR created_at < $5)
  AND ($6::text IS NULL OR replay LIKE $6)
  AND ($7::bigint[] IS NULL OR id = ANY ($7))
  AND id > $8
ORDER BY id LIMIT $9;

-- name: query_deliveries_backwards
SELECT id FROM delivery
WHERE ($1::text IS NULL OR state = $1)
  AND ($2::text IS NULL OR rule LIKE $2)
  AND ($3::text IS NULL OR coalesce(facts ->> 'user', '') LIKE $3)
  AND ($4::timestamptz IS NULL OR created_at >= $4)
  AND ($5::timestamptz IS NULL OR created_at < $5)
  AND ($6::text IS NULL OR replay LIKE $6)
  AND ($7::bigint[] IS NULL OR id = ANY ($7))
ORDER BY id DESC LIMIT 1 OFFSET $8;

-- name: count_deliveries
SELECT rule, state, count(*) FROM delivery GROUP BY rule, state;
