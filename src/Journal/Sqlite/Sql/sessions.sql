-- name: write_session
INSERT INTO session (
    id, shard, host, service, key_user, key_remote_host, server_session, opened_at, began, user, remote_host, email,
    closed_at, ended, state, certainty, path, bytes_now, rate, uploads, downloads, bytes_up, bytes_down, failures,
    deletes, mkdirs, renames, other, last_at, local, bytes_total, restart_at, transfer_started_at)
VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,
    ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)
ON CONFLICT (id) DO UPDATE SET
    user = excluded.user, remote_host = excluded.remote_host, email = excluded.email, closed_at = excluded.closed_at,
    ended = excluded.ended, state = excluded.state, certainty = excluded.certainty, path = excluded.path,
    bytes_now = excluded.bytes_now, rate = excluded.rate, uploads = excluded.uploads, downloads = excluded.downloads,
    bytes_up = excluded.bytes_up, bytes_down = excluded.bytes_down, failures = excluded.failures,
    deletes = excluded.deletes, mkdirs = excluded.mkdirs, renames = excluded.renames, other = excluded.other,
    last_at = excluded.last_at, local = excluded.local, bytes_total = excluded.bytes_total, restart_at = excluded.restart_at,
    transfer_started_at = excluded.transfer_started_at;

-- name: update_open_session
-- Leaves alone what never changes and what says that it is open, and so every index.
UPDATE session SET
    user = ?2, remote_host = ?3, email = ?4, state = ?5, certainty = ?6, path = ?7, bytes_now = ?8, rate = ?9, uploads = ?10,
    downloads = ?11, bytes_up = ?12, bytes_down = ?13, failures = ?14, deletes = ?15, mkdirs = ?16, renames = ?17, other = ?18, last_at = ?19,
    local = ?20, bytes_total = ?21, restart_at = ?22, transfer_started_at = ?23
WHERE id = ?1;

-- name: read_open_sessions
SELECT
    id, shard, host, service, key_user, key_remote_host, server_session, opened_at, began, user, remote_host, email,
    closed_at, ended, state, certainty, path, bytes_now, rate, uploads, downloads, bytes_up, bytes_down, failures,
    deletes, mkdirs, renames, other, last_at, local, bytes_total, restart_at, transfer_started_at
FROM session
WHERE shard = ?1 AND closed_at IS NULL ORDER BY opened_at, id;

-- name: query_sessions
SELECT
    id, shard, host, service, key_user, key_remote_host, server_session, opened_at, began, user, remote_host, email,
    closed_at, ended, state, certainty, path, bytes_now, rate, uploads, downloads, bytes_up, bytes_down, failures,
    deletes, mkdirs, renames, other, last_at, local, bytes_total, restart_at, transfer_started_at
FROM session
WHERE (opened_at, id) > (?1, ?2)
  AND (?3 IS NULL OR (closed_at IS NULL) = ?3)
  AND (?4 IS NULL OR last_at >= ?4)
  AND (?5 IS NULL OR opened_at < ?5)
  AND (?6 IS NULL OR user GLOB ?6)
  AND (?7 IS NULL OR host GLOB ?7)
ORDER BY opened_at, id LIMIT ?8;

-- name: query_sessions_backwards
SELECT opened_at, id FROM session
WHERE (?3 IS NULL OR (closed_at IS NULL) = ?3)
  AND (?4 IS NULL OR last_at >= ?4)
  AND (?5 IS NULL OR opened_at < ?5)
  AND (?6 IS NULL OR user GLOB ?6)
  AND (?7 IS NULL OR host GLOB ?7)
ORDER BY opened_at DESC, id DESC LIMIT 1 OFFSET ?8;

-- name: count_open_sessions
SELECT CASE ?1 WHEN 'user' THEN user WHEN 'host' THEN host ELSE remote_host END, count(*), sum(state = 'uploading'), sum(state = 'downloading')
FROM session
WHERE closed_at IS NULL
  AND (?2 IS NULL OR user GLOB ?2)
  AND (?3 IS NULL OR host GLOB ?3)
GROUP BY 1 ORDER BY 2 DESC, 1;
