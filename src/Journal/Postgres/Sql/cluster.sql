-- name: insert_member
INSERT INTO node (name) VALUES ($1) ON CONFLICT (name) DO NOTHING;

-- name: read_member
SELECT num, instance FROM node WHERE name = $1;

-- name: take_member
-- Changes no row when the node was forgotten, or when another run had the membership since the one that asks last did ($3, null at its start).
-- An order to leave was for the run before.
UPDATE node SET
    instance = $2, pid = pg_backend_pid(), beat_at = clock_timestamp(),
    started_at = CASE WHEN instance = $2 THEN started_at ELSE now() END,
    ordered = CASE WHEN ordered = 'leaving' AND instance IS DISTINCT FROM $2 THEN NULL ELSE ordered END
WHERE num = $1 AND ($3::uuid IS NULL OR instance = $3);

-- name: lock_member
SELECT pg_advisory_lock($1, $2);

-- name: unlock_member
SELECT pg_advisory_unlock($1, $2);

-- name: relax_beat
-- A beat that a crash of the server takes back is of no worth: the memberships end with the server.
SELECT set_config('synchronous_commit', 'off', true);

-- name: beat_member
UPDATE node SET roles = $3, weight = $4, version = $5, url = $6, state = $7, refused = $8, backlog = $9::bigint, beat_at = clock_timestamp()
WHERE num = $1 AND instance = $2 AND pid = pg_backend_pid();

-- name: read_cluster
-- Members and shards by one look at the locks; a row is one or the other. A shard that is just being taken (its lock is another backend's than its
-- last owner's) has no owner yet.
WITH held AS MATERIALIZED (
    SELECT classid, objid::bigint AS key, pid FROM pg_locks
    WHERE locktype = 'advisory' AND classid IN ($1::bigint::oid, $2::bigint::oid) AND objsubid = 2 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT n.name, n.instance, n.roles, n.weight, n.version, n.url, coalesce(n.ordered, n.state),
       n.refused, n.backlog, n.alive, n.started_at, extract(epoch FROM clock_timestamp() - n.beat_at)::double precision,
       s.id, s.epoch, s.owner, s.held, s.taken_at
FROM (SELECT *, EXISTS (SELECT 1 FROM held WHERE classid = $1::bigint::oid AND key = num) AS alive FROM node WHERE instance IS NOT NULL) n
FULL JOIN (SELECT id, epoch, taken_at, h.pid IS NOT NULL AS held, CASE WHEN h.pid IS NULL OR h.pid = owner_pid THEN owner ELSE '' END AS owner
           FROM shard LEFT JOIN held h ON h.classid = $2::bigint::oid AND h.key = id) s ON false
ORDER BY n.name, s.id;

-- name: order_member
UPDATE node SET ordered = $2::text WHERE name = $1;

-- name: try_member
SELECT pg_try_advisory_xact_lock($1, $2);

-- name: forget_member
DELETE FROM node WHERE num = $1;

-- name: is_down
SELECT EXISTS (SELECT 1 FROM node WHERE name = $1 AND ordered = 'down');

-- name: end_shards_of
SELECT count(pg_terminate_backend(l.pid)) FROM pg_locks l JOIN shard s ON s.id = l.objid::bigint AND s.owner_pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = $1::bigint::oid AND l.objsubid = 2 AND l.granted AND s.owner = $2
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database());

-- name: notify_cluster
NOTIFY ftpactors_cluster;
