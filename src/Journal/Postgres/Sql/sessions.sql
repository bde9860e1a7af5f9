-- name: write_sessions
INSERT INTO session (
    shard, id, host, service, key_user, key_remote_host, server_session, opened_at, began, "user", remote_host, email,
    closed_at, ended, state, certainty, path, bytes_now, rate, uploads, downloads, bytes_up, bytes_down, failures,
    deletes, mkdirs, renames, other, last_at, local, bytes_total, restart_at, transfer_started_at)
SELECT $1, s.* FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bigint[],
    $19::float8[], $20::integer[], $21::integer[], $22::bigint[], $23::bigint[], $24::integer[], $25::integer[],
    $26::integer[], $27::integer[], $28::integer[], $29::timestamptz[], $30::text[], $31::bigint[], $32::bigint[],
    $33::timestamptz[]) AS s
ON CONFLICT (id) DO UPDATE SET
    "user" = excluded."user", remote_host = excluded.remote_host, email = excluded.email, closed_at = excluded.closed_at,
    ended = excluded.ended, state = excluded.state, certainty = excluded.certainty, path = excluded.path,
    bytes_now = excluded.bytes_now, rate = excluded.rate, uploads = excluded.uploads, downloads = excluded.downloads,
    bytes_up = excluded.bytes_up, bytes_down = excluded.bytes_down, failures = excluded.failures,
    deletes = excluded.deletes, mkdirs = excluded.mkdirs, renames = excluded.renames, other = excluded.other,
    last_at = excluded.last_at, local = excluded.local, bytes_total = excluded.bytes_total, restart_at = excluded.restart_at,
    transfer_started_at = excluded.transfer_started_at;

-- name: delete_sessions
DELETE FROM session WHERE shard = $1 AND id = ANY ($2);

-- name: read_open_sessions
SELECT
    id, shard, host, service, key_user, key_remote_host, server_session, opened_at, began, "user", remote_host, email,
    closed_at, ended, state, certainty, path, bytes_now, rate, uploads, downloads, bytes_up, bytes_down, failures,
    deletes, mkdirs, renames, other, last_at, local, bytes_total, restart_at, transfer_started_at
FROM session
WHERE shard = $1 AND closed_at IS NULL ORDER BY opened_at, id;

-- name: query_sessions
SELECT
    id, shard, host, service, key_user, key_remote_host, server_session, opened_at, began, "user", remote_host, email,
    closed_at, ended, state, certainty, path, bytes_now, rate, uploads, downloads, bytes_up, bytes_down, failures,
    deletes, mkdirs, renames, other, last_at, local, bytes_total, restart_at, transfer_started_at
FROM session
WHERE (opened_at, id) > ($6, $7)
  AND ($1::boolean IS NULL OR (closed_at IS NULL) = $1)
  AND ($2::timestamptz IS NULL OR last_at >= $2)
  AND ($3::timestamptz IS NULL OR opened_at < $3)
  AND ($4::text IS NULL OR "user" LIKE $4)
  AND ($5::text IS NULL OR host LIKE $5)
ORDER BY opened_at, id LIMIT $8;

-- name: query_sessions_backwards
SELECT opened_at, id FROM session
WHERE ($1::boolean IS NULL OR (closed_at IS NULL) = $1)
  AND ($2::timestamptz IS NULL OR last_at >= $2)
  AND ($3::timestamptz IS NULL OR opened_at < $3)
  AND ($4::text IS NULL OR "user" LIKE $4)
  AND ($5::text IS NULL OR host LIKE $5)
ORDER BY opened_at DESC, id DESC LIMIT 1 OFFSET $6;

-- name: count_open_sessions
SELECT name, count(*), count(*) FILTER (WHERE state = 'uploading'), count(*) FILTER (WHERE state = 'downloading')
FROM (SELECT state, CASE $1 WHEN 'user' THEN "user" WHEN 'host' THEN host ELSE remote_host END COLLATE "C" AS name
      FROM session
      WHERE closed_at IS NULL
        AND ($2::text IS NULL OR "user" LIKE $2)
        AND ($3::text IS NULL OR host LIKE $3)) s
GROUP BY name ORDER BY 2 DESC, 1;
