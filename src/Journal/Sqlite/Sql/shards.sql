-- name: take_shard
UPDATE shard SET epoch = epoch + 1, owner = ?2 WHERE id = ?1 RETURNING epoch;

-- name: read_checkpoints
SELECT s.id, c.seq, c.held FROM checkpoint c JOIN spool s ON s.num = c.spool WHERE c.shard = ?1 ORDER BY c.spool;

-- name: count_step
UPDATE shard SET duplicates = duplicates + ?3, reordered = reordered + ?4 WHERE id = ?1 AND epoch = ?2;

-- name: write_checkpoint
INSERT INTO checkpoint (shard, spool, seq, held) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (shard, spool) DO UPDATE SET seq = excluded.seq, held = excluded.held;

-- name: read_backlog
SELECT h.id, h.epoch, h.owner, h.duplicates, h.reordered, p.id,
       coalesce(c.seq, 0) AS position,
       coalesce((SELECT max(e.seq) FROM event e WHERE e.shard = h.id AND e.spool = p.num), c.seq, 0) AS head,
       coalesce(c.held, '[]') AS held,
       (SELECT count(*) FROM (SELECT 1 FROM event e
                              WHERE e.shard = h.id AND e.spool = p.num AND e.seq > coalesce(c.seq, 0) LIMIT 1000000)) AS unread,
       (SELECT e.received_at FROM event e
        WHERE e.shard = h.id AND e.spool = p.num
          AND e.seq >= coalesce(json_extract(c.held, '$[0]'), coalesce(c.seq, 0) + 1)
        ORDER BY e.seq LIMIT 1) AS oldest
FROM shard h CROSS JOIN spool p LEFT JOIN checkpoint c ON c.shard = h.id AND c.spool = p.num
ORDER BY h.id, p.num;
