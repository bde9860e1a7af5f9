-- The shared journal, version 1. Applied in one transaction under the migration lock; journal.version says how far a database has come.

-- One row: what is fixed when the journal is made, and the version of the schema.
CREATE TABLE journal (
    shards  integer NOT NULL CHECK (shards > 0),
    version integer NOT NULL
);

-- num is the short name of a spool in the other tables.
CREATE TABLE spool (
    num      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id       text COLLATE "C" NOT NULL UNIQUE,
    host     text NOT NULL,
    last_seq bigint NOT NULL
);

-- One partition per day (UTC) of received_at, which is part of the key for that reason alone: reads go by shard, spool and seq.
-- payload: the canonical event. json, not jsonb: it is kept as it was written, and is cheaper to write.
CREATE TABLE event (
    shard       integer NOT NULL,
    spool       integer NOT NULL,
    seq         bigint NOT NULL,
    received_at timestamptz NOT NULL,
    kind        text NOT NULL,
    payload     json NOT NULL,
    PRIMARY KEY (shard, spool, seq, received_at)
) PARTITION BY RANGE (received_at);

-- owner_pid: the backend that holds the shard's advisory lock and is the only one that may write steps.
CREATE TABLE shard (
    id         integer PRIMARY KEY,
    epoch      bigint NOT NULL DEFAULT 0,
    owner      text NOT NULL DEFAULT '',
    owner_pid  integer,
    taken_at   timestamptz,
    duplicates bigint NOT NULL DEFAULT 0,
    reordered  bigint NOT NULL DEFAULT 0
);

-- held: seqs at or below seq that are not applied yet, ascending.
CREATE TABLE checkpoint (
    shard integer NOT NULL,
    spool integer NOT NULL,
    seq   bigint NOT NULL,
    held  bigint[] NOT NULL,
    PRIMARY KEY (shard, spool)
);

-- key_user and key_remote_host belong to the session's identity and never change; user and remote_host are what is known now.
CREATE TABLE session (
    id              text COLLATE "C" PRIMARY KEY,
    shard           integer NOT NULL,
    host            text NOT NULL,
    service         text NOT NULL,
    key_user        text NOT NULL,
    key_remote_host text NOT NULL,
    server_session  text NOT NULL,
    opened_at       timestamptz NOT NULL,
    began           text NOT NULL,
    "user"          text NOT NULL,
    remote_host     text NOT NULL,
    email           text,
    closed_at       timestamptz,
    ended           text,
    state           text NOT NULL,
    certainty       text NOT NULL,
    path            text,
    bytes_now       bigint NOT NULL,
    rate            double precision NOT NULL,
    uploads         integer NOT NULL,
    downloads       integer NOT NULL,
    bytes_up        bigint NOT NULL,
    bytes_down      bigint NOT NULL,
    failures        integer NOT NULL,
    deletes         integer NOT NULL,
    mkdirs          integer NOT NULL,
    renames         integer NOT NULL,
    other           integer NOT NULL,
    last_at         timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Only open sessions: small, and read when a shard is taken.
CREATE INDEX session_open ON session (shard) WHERE closed_at IS NULL;
-- opened_at never changes, so an update of a session touches no index (HOT). There is none on last_at for that reason.
CREATE INDEX session_opened ON session (opened_at, id);

-- Makes the partition of a day where there is none. Two steps: CREATE TABLE … PARTITION OF would make every reader of event wait.
-- Runs with its owner's rights, so that a role that may only append can call it.
CREATE FUNCTION make_event_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name text := 'event_' || to_char(day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(1179930705, -2);
    IF EXISTS (SELECT 1 FROM pg_class WHERE relname = name AND relnamespace = current_schema()::regnamespace) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE event)', name);
    EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
END $$;

-- Days that have a partition.
CREATE FUNCTION event_days() RETURNS SETOF date LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT to_date(substr(c.relname, 7), 'YYYYMMDD') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'event'::regclass ORDER BY 1
$$;

-- Drops the partition of a day when every event of it has been applied; false, and nothing happens, when one still waits.
-- The lock keeps appends out between the look and the drop.
CREATE FUNCTION drop_event_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
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
    EXECUTE format('DROP TABLE %I', name);
    RETURN true;
END $$;

-- What may call them is said by roles.sql; nobody by default.
REVOKE ALL ON FUNCTION make_event_day(date), drop_event_day(date) FROM PUBLIC;
