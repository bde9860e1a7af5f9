-- Deliveries that only the node of one host may run (on_host). That node claims them over all shards, whoever owns these: claimed_by is one
-- run of its process, and the claim of a run that is gone ends at claimed_until, by the server's clock. A claim does not touch the line of a
-- session, so it does not lock the shard's row; everything else does, as before.
ALTER TABLE delivery ADD COLUMN claimed_by uuid, ADD COLUMN claimed_until timestamptz;

-- A host that is away for long must not stand in the way of those who read what its shards may try elsewhere.
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (shard, due_at, id) WHERE state = 'due' AND NOT blocked AND on_host IS NULL;
CREATE INDEX delivery_host ON delivery (on_host, due_at, id) WHERE state = 'due' AND NOT blocked AND on_host IS NOT NULL;
-- As large as the actions that run. Without claimed_until, so that a renewal touches no index.
CREATE INDEX delivery_claim ON delivery (on_host) WHERE claimed_by IS NOT NULL;

-- Here, because a delivery comes up in many ways: a step, a replay, a retry, a follow-up, or as the next one of its session. The host's node
-- hears of it with the commit. A payload has less than 8,000 bytes; a longer name than this is found by the look that needs no call.
CREATE FUNCTION tell_host() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ftpactors_host', left(NEW.on_host, 1000));
    RETURN NULL;
END $$;

CREATE TRIGGER delivery_made AFTER INSERT ON delivery FOR EACH ROW
WHEN (NEW.on_host IS NOT NULL AND NEW.state = 'due' AND NOT NEW.blocked)
EXECUTE FUNCTION tell_host();

-- Not for the retry that the host itself puts off.
CREATE TRIGGER delivery_came_up AFTER UPDATE OF state, blocked, due_at ON delivery FOR EACH ROW
WHEN (NEW.on_host IS NOT NULL AND NEW.state = 'due' AND NOT NEW.blocked AND (OLD.state <> 'due' OR OLD.blocked OR NEW.due_at < OLD.due_at))
EXECUTE FUNCTION tell_host();

-- A replay is run by one node at a time: the same kind of claim.
ALTER TABLE replay ADD COLUMN claimed_by uuid, ADD COLUMN claimed_until timestamptz;
