-- name: drop_sessions
DELETE FROM session WHERE id IN (SELECT id FROM session WHERE opened_at < $1 AND closed_at < $1 ORDER BY opened_at, id LIMIT $2);

-- name: drop_deliveries
-- One statement, so that the tries go with their delivery. What is over is in no line of a session, so no shard has to be locked.
WITH over AS (
    DELETE FROM delivery WHERE id IN (
        SELECT id FROM delivery WHERE state IN ('done', 'dropped') AND finished_at < $1 ORDER BY id LIMIT $2)
        -- Again: a person may have made it due meanwhile.
        AND state IN ('done', 'dropped') AND finished_at < $1
    RETURNING id),
tries AS (DELETE FROM delivery_try WHERE delivery IN (SELECT id FROM over))
SELECT count(*) FROM over;
