-- name: insert_quarantine
INSERT INTO quarantine (received_at, source, sender, reason, bytes) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: delete_quarantine
DELETE FROM quarantine WHERE id = ?1;

-- name: read_quarantine
SELECT id, received_at, source, sender, reason, bytes FROM quarantine WHERE id = ?1;

-- name: query_quarantine
SELECT id, received_at, source, sender, reason, bytes FROM quarantine WHERE id > ?1 ORDER BY id LIMIT ?2;
