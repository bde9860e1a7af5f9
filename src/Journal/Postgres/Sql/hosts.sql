-- name: claim_due
-- now() is the server's: nodes compare no clocks about claims. Materialized, so that no plan locks more than the limit.
WITH next AS MATERIALIZED (
    SELECT id FROM delivery
    WHERE on_host = $1 AND state = 'due' AND NOT blocked AND due_at <= $4
      AND (claimed_until IS NULL OR claimed_until < now() OR claimed_by = $2)
      AND id <> ALL ($5) AND rule <> ALL ($6)
    ORDER BY due_at, id LIMIT $7 FOR UPDATE SKIP LOCKED)
UPDATE delivery d SET claimed_by = $2, claimed_until = now() + $3 FROM next WHERE d.id = next.id
RETURNING d.id, key, shard, rule, trigger, session, ordered, on_host, facts, due_at, replay, state, step, attempt, created_at, finished_at;

-- name: read_next_claimable
-- The next that will be due, or the end of the claim of a run that is gone, told by the clock of the one who asks.
SELECT min(due) FROM (
    (SELECT due_at AS due FROM delivery WHERE on_host = $1 AND state = 'due' AND NOT blocked AND due_at > $3 ORDER BY due_at LIMIT 1)
    UNION ALL
    (SELECT $3 + (claimed_until - now()) FROM delivery
     WHERE on_host = $1 AND claimed_by IS NOT NULL AND claimed_by <> $2 AND claimed_until >= now() AND state = 'due' AND NOT blocked)) n;

-- name: renew_claims
-- A row that is locked is being stored, or changed by a person: waiting for it could wait in a circle, and there is another renewal soon.
WITH held AS MATERIALIZED (SELECT id FROM delivery WHERE id = ANY ($2) AND claimed_by = $1 FOR UPDATE SKIP LOCKED)
UPDATE delivery d SET claimed_until = now() + $3 FROM held WHERE d.id = held.id;

-- name: release_claims
WITH held AS MATERIALIZED (SELECT id FROM delivery WHERE on_host = $2 AND claimed_by = $1 FOR UPDATE SKIP LOCKED)
UPDATE delivery d SET claimed_by = NULL, claimed_until = NULL FROM held WHERE d.id = held.id;

-- name: require_claim
-- After the shard's row is locked.
SELECT 1 FROM delivery WHERE id = $1 AND claimed_by = $2;

-- name: read_hosts
SELECT on_host, count(*), min(due_at) FROM delivery
WHERE state = 'due' AND NOT blocked AND on_host IS NOT NULL AND due_at <= $1 GROUP BY on_host ORDER BY on_host;

-- name: notify_due
SELECT pg_notify('ftpactors_due', $1);
