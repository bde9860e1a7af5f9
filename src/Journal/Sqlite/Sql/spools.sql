-- name: read_journal
SELECT shards FROM journal;

-- name: insert_journal
INSERT INTO journal (shards) VALUES (?1);

-- name: insert_shard
INSERT INTO shard (id) VALUES (?1);

-- name: insert_spool
INSERT INTO spool (id, host, last_seq) VALUES (?1, ?2, 0) RETURNING num;

-- name: rename_host
UPDATE spool SET host = ?2 WHERE num = ?1 AND host <> ?2;

-- name: read_spools
SELECT num, id, last_seq FROM spool ORDER BY num;

-- name: move_spool
UPDATE spool SET last_seq = ?3 WHERE num = ?1 AND last_seq = ?2;

-- name: read_source_state
SELECT state FROM source_state WHERE source = ?1;

-- name: write_source_state
INSERT INTO source_state (source, state) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET state = excluded.state;

-- name: read_first_spooled
SELECT seq, received_at FROM event WHERE shard = 0 AND spool = 1 ORDER BY seq LIMIT 1;

-- name: drop_spooled
DELETE FROM event WHERE shard = 0 AND spool = 1
  AND seq <= (SELECT max(seq) FROM (SELECT seq FROM event WHERE shard = 0 AND spool = 1 AND seq <= ?1 ORDER BY seq LIMIT ?2));
