-- name: count_logins
SELECT count(*), coalesce(sum(host = ?2), 0), coalesce(sum(remote = ?3), 0) FROM login_slot WHERE user_key = ?1 AND expires_at > ?4;

-- name: insert_login
INSERT INTO login_slot (user_key, user, host, remote, session, reserved_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id;

-- name: find_login
SELECT id FROM login_slot WHERE host = ?1 AND session = ?2;

-- name: find_reservation
SELECT id FROM login_slot WHERE user_key = ?1 AND host = ?2 AND remote = ?3 AND session IS NULL ORDER BY id LIMIT 1;

-- name: bind_login
UPDATE login_slot SET session = ?2, expires_at = ?3 WHERE id = ?1;

-- name: renew_login
UPDATE login_slot SET expires_at = ?2 WHERE id = ?1;

-- name: expire_logins
DELETE FROM login_slot WHERE expires_at <= ?1;

-- name: release_login
DELETE FROM login_slot WHERE id = ?1;

-- name: read_logins
SELECT id, user, host, remote, session, reserved_at, expires_at FROM login_slot
WHERE expires_at > ?2 AND (?1 IS NULL OR user_key = ?1) ORDER BY id;
