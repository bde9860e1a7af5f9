-- name: begin_login
-- A login waits for the answer: better none than a late one. Slots are leases of seconds, not worth the wait for a disk.
SELECT set_config('statement_timeout', $1, true), set_config('synchronous_commit', 'off', true);

-- name: lock_login
SELECT pg_advisory_xact_lock($1, $2);

-- name: reserve_login
-- Its own statement after the lock, so that it sees what the lock's last holder committed.
WITH used AS (
    SELECT count(*) AS in_all, count(*) FILTER (WHERE host = $3) AS on_host, count(*) FILTER (WHERE remote = $4) AS from_address
    FROM login_slot WHERE user_key = $1 AND expires_at > now()
), verdict AS (
    SELECT CASE WHEN in_all >= $5::integer THEN 0 WHEN on_host >= $6::integer THEN 1 WHEN from_address >= $7::integer THEN 2 END AS "full" FROM used
), made AS (
    INSERT INTO login_slot (user_key, "user", host, remote, reserved_at, expires_at)
    SELECT $1, $2, $3, $4, now(), now() + $8::interval FROM verdict WHERE "full" IS NULL
    RETURNING id
)
SELECT (SELECT id FROM made), (SELECT "full" FROM verdict);

-- name: confirm_login
WITH known AS (
    UPDATE login_slot SET expires_at = now() + $6::interval WHERE host = $3 AND session = $5 RETURNING id
), bound AS (
    UPDATE login_slot SET session = $5, expires_at = now() + $6::interval
    WHERE NOT EXISTS (SELECT 1 FROM known)
      AND id = (SELECT id FROM login_slot WHERE user_key = $1 AND host = $3 AND remote = $4 AND session IS NULL ORDER BY id LIMIT 1)
    RETURNING id
), added AS (
    INSERT INTO login_slot (user_key, "user", host, remote, session, reserved_at, expires_at)
    SELECT $1, $2, $3, $4, $5, now(), now() + $6::interval
    WHERE NOT EXISTS (SELECT 1 FROM known) AND NOT EXISTS (SELECT 1 FROM bound)
    RETURNING id
)
SELECT id FROM known UNION ALL SELECT id FROM bound UNION ALL SELECT id FROM added;

-- name: renew_logins
UPDATE login_slot SET expires_at = now() + $2::interval WHERE id = ANY($1) RETURNING id;

-- name: expire_logins
-- Skips what another host renews at this moment; waiting for each other's rows in different orders would be a deadlock.
DELETE FROM login_slot WHERE id IN (SELECT id FROM login_slot WHERE expires_at <= now() FOR UPDATE SKIP LOCKED);

-- name: release_logins
DELETE FROM login_slot WHERE id = ANY($1);

-- name: read_logins
SELECT id, "user", host, remote, session, reserved_at, expires_at FROM login_slot
WHERE expires_at > now() AND ($1::text IS NULL OR user_key = $1) ORDER BY id;
