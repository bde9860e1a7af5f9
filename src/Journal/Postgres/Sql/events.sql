-- name: copy_events
COPY event (shard, spool, seq, received_at, kind, payload) FROM STDIN (FORMAT BINARY);

-- name: read_spool_days
-- Days that hold seqs of a spool above $2 and up to $3, in the order of their first ones.
SELECT day, first_seq FROM spool_day
WHERE spool = (SELECT num FROM spool WHERE id = $1) AND last_seq > $2 AND first_seq <= $3
ORDER BY first_seq;

-- name: read_shard
SELECT seq, received_at, kind, payload FROM event
WHERE shard = $1 AND spool = (SELECT num FROM spool WHERE id = $2) AND seq > $3 AND seq <= $4 AND received_at >= $5 AND received_at < $6
ORDER BY seq LIMIT $7;

-- name: read_shard_backwards
SELECT seq, received_at, kind, payload FROM event
WHERE shard = $1 AND spool = (SELECT num FROM spool WHERE id = $2) AND seq <= $3 AND received_at >= $4
ORDER BY seq DESC LIMIT $5;

-- name: read_events
SELECT seq, received_at, kind, payload FROM event
WHERE shard = $1 AND spool = (SELECT num FROM spool WHERE id = $2) AND seq = ANY ($3) AND received_at >= $4 AND received_at < $5
ORDER BY seq;

-- name: read_first_seq
-- The first seq of a spool that may still be there.
SELECT min(first_seq) FROM spool_day WHERE spool = $1;

-- name: read_spooled
-- One event of a spool, in whichever shard it is.
SELECT e.seq, e.received_at, e.kind, e.payload FROM generate_series(0, $1 - 1) AS s (shard)
CROSS JOIN LATERAL (SELECT seq, received_at, kind, payload FROM event
                    WHERE shard = s.shard AND spool = (SELECT num FROM spool WHERE id = $2) AND seq = $3 AND received_at >= $4 AND received_at < $5) e
LIMIT 1;

-- name: query_events
-- A window of seqs over all shards; an event that stands in every shard (a restart) comes once.
SELECT DISTINCT ON (seq) seq, received_at, kind, payload FROM event
WHERE shard = ANY ($1) AND spool = $2 AND seq > $3 AND seq <= $4
  AND received_at >= $5 AND received_at < $6
  AND ($7::text IS NULL OR kind = $7)
  AND ($8::text IS NULL OR coalesce(payload ->> 'user', '') LIKE $8)
  AND ($9::text IS NULL OR coalesce(payload ->> 'path', '') LIKE $9)
ORDER BY seq LIMIT $10;

-- name: query_events_backwards
SELECT DISTINCT seq FROM event
WHERE shard = ANY ($1) AND spool = $2 AND seq > $3 AND seq <= $4
  AND received_at >= $5 AND received_at < $6
  AND ($7::text IS NULL OR kind = $7)
  AND ($8::text IS NULL OR coalesce(payload ->> 'user', '') LIKE $8)
  AND ($9::text IS NULL OR coalesce(payload ->> 'path', '') LIKE $9)
ORDER BY seq DESC LIMIT $10;

-- name: read_appended
-- What another node appended: some shards, one spool, one range of seqs.
SELECT e.seq, e.received_at, e.kind, e.payload, e.shard FROM event e
WHERE e.shard = ANY ($1) AND e.spool = (SELECT num FROM spool WHERE id = $2) AND e.seq > $3 AND e.seq <= $4
  AND e.received_at >= $5 AND e.received_at < $6
ORDER BY e.shard, e.seq;

-- name: read_heads
-- The last event of each of some shards in a range of seqs of a spool.
SELECT e.seq, e.received_at, e.kind, e.payload, s.shard
FROM unnest($1::integer[]) AS s (shard) CROSS JOIN LATERAL (
    SELECT seq, received_at, kind, payload FROM event
    WHERE shard = s.shard AND spool = (SELECT num FROM spool WHERE id = $2) AND seq > $3 AND seq <= $4 AND received_at >= $5 AND received_at < $6
    ORDER BY seq DESC LIMIT 1) e;
