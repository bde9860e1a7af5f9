-- Which server the journal lives on, and on which days the events of a spool were received.

-- system: the identifier that initdb gave the server, null where the server does not tell it. A restored copy of a journal has another one.
ALTER TABLE journal ADD COLUMN system text;

-- Where the shard was last taken. A promoted standby has the same system and a higher timeline.
ALTER TABLE shard ADD COLUMN system text, ADD COLUMN timeline integer;

-- Seqs of a spool on each of its days. A read asks here first: without bounds on received_at it would plan, lock and open every partition.
CREATE TABLE spool_day (
    spool     integer NOT NULL,
    day       date NOT NULL,
    first_seq bigint NOT NULL,
    last_seq  bigint NOT NULL,
    PRIMARY KEY (spool, day)
) WITH (fillfactor = 70);

INSERT INTO spool_day (spool, day, first_seq, last_seq)
SELECT spool, (received_at AT TIME ZONE 'UTC')::date, min(seq), max(seq) FROM event GROUP BY 1, 2;

-- The last seq of a spool that each shard has got, while it is there.
CREATE TABLE spool_shard (
    spool    integer NOT NULL,
    shard    integer NOT NULL,
    last_seq bigint NOT NULL,
    PRIMARY KEY (spool, shard)
) WITH (fillfactor = 50);

INSERT INTO spool_shard (spool, shard, last_seq) SELECT spool, shard, max(seq) FROM event GROUP BY 1, 2;

-- As in version 1, and forgets the day's seqs with its events. An append locks the partition before the rows that this deletes, as this does.
CREATE OR REPLACE FUNCTION drop_event_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name text := 'event_' || to_char(day, 'YYYYMMDD');
    waiting boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(1179930705, -2);
    IF NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = name AND relnamespace = current_schema()::regnamespace) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE', name);
    EXECUTE format(
        'SELECT EXISTS (SELECT 1 FROM (SELECT shard, spool, min(seq) AS first, max(seq) AS last FROM %I GROUP BY shard, spool) e
         LEFT JOIN checkpoint c ON c.shard = e.shard AND c.spool = e.spool
         WHERE c.seq IS NULL OR c.seq < e.last OR EXISTS (SELECT 1 FROM unnest(c.held) h WHERE h BETWEEN e.first AND e.last))', name)
        INTO waiting;
    IF waiting THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'DELETE FROM spool_shard l USING (SELECT shard, spool, max(seq) AS last FROM %I GROUP BY shard, spool) e
         WHERE l.shard = e.shard AND l.spool = e.spool AND l.last_seq = e.last', name);
    EXECUTE format('DROP TABLE %I', name);
    DELETE FROM spool_day d WHERE d.day = drop_event_day.day;
    RETURN true;
END $$;
