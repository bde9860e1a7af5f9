-- name: copy_events
COPY event (shard, spool, seq, received_at, kind, payload) FROM STDIN (FORMAT BINARY);

-- name: read_shard
SELECT seq, received_at, kind, payload FROM event
WHERE shard = $1 AND spool = (SELECT num FROM spool WHERE id = $2) AND seq > $3
ORDER BY seq LIMIT $4;

-- name: read_shard_backwards
SELECT seq, received_at, kind, payload FROM event
WHERE shard = $1 AND spool = (SELECT num FROM spool WHERE id = $2) AND seq <= $3
ORDER BY seq DESC LIMIT $4;

-- name: read_events
SELECT seq, received_at, kind, payload FROM event
WHERE shard = $1 AND spool = (SELECT num FROM spool WHERE id = $2) AND seq = ANY ($3)
ORDER BY seq;

-- name: read_first_seq
-- The first seq of a spool that is still there.
SELECT min(e.seq) FROM generate_series(0, $1 - 1) AS s (shard)
CROSS JOIN LATERAL (SELECT seq FROM event WHERE shard = s.shard AND spool = $2 ORDER BY seq LIMIT 1) e;

-- name: read_spooled
-- One event of a spool, in whichever shard it is.
SELECT e.seq, e.received_at, e.kind, e.payload FROM generate_series(0, $1 - 1) AS s (shard)
CROSS JOIN LATERAL (SELECT seq, received_at, kind, payload FROM event
                    WHERE shard = s.shard AND spool = (SELECT num FROM spool WHERE id = $2) AND seq = $3) e
LIMIT 1;

-- name: query_events
-- A window of seqs over all shards; an event that stands in every shard (a restart) comes once.
SELECT DISTINCT ON (seq) seq, received_at, kind, payload FROM event
WHERE shard = ANY ($1) AND spool = $2 AND seq > $3 AND seq <= $4
  AND ($5::timestamptz IS NULL OR received_at >= $5)
  AND ($6::timestamptz IS NULL OR received_at < $6)
  AND ($7::text IS NULL OR kind = $7)
  AND ($8::text IS NULL OR coalesce(payload ->> 'user', '') LIKE $8)
  AND ($9::text IS NULL OR coalesce(payload ->> 'path', '') LIKE $9)
ORDER BY seq LIMIT $10;

-- name: query_events_backwards
SELECT DISTINCT seq FROM event
WHERE shard = ANY ($1) AND spool = $2 AND seq > $3 AND seq <= $4
  AND ($5::timestamptz IS NULL OR received_at >= $5)
  AND ($6::timestamptz IS NULL OR received_at < $6)
  AND ($7::text IS NULL OR kind = $7)
  AND ($8::text IS NULL OR coalesce(payload ->> 'user', '') LIKE $8)
  AND ($9::text IS NULL OR coalesce(payload ->> 'path', '') LIKE $9)
ORDER BY seq DESC LIMIT $10;

-- name: read_appended
-- What another node appended: some shards, one spool, one range of seqs.
SELECT e.seq, e.received_at, e.kind, e.payload, e.shard FROM event e
WHERE e.shard = ANY ($1) AND e.spool = (SELECT num FROM spool WHERE id = $2) AND e.seq BETWEEN $3 AND $4
ORDER BY e.shard, e.seq;

-- name: read_heads
-- The last event of each of some shards in each spool.
SELECT e.seq, e.received_at, e.kind, e.payload, s.shard, p.id
FROM unnest($1::integer[]) AS s (shard) CROSS JOIN spool p
CROSS JOIN LATERAL (SELECT seq, received_at, kind, payload FROM event WHERE shard = s.shard AND spool = p.num ORDER BY seq DESC LIMIT 1) e;
