-- Roles for the nodes and people of a FtpActors journal in PostgreSQL. Run it in the journal's database, as the owner of its tables (who needs
-- CREATEROLE the first time), after a node has made them, and again after an update of the program; it may be run any number of times:
--
--     psql -v ON_ERROR_STOP=1 -f docker/postgres-roles.sql "$DATABASE"
--
-- Roles of PostgreSQL are common to all databases of a server, their rights are each database's own. Give them to users that log in:
--
--     CREATE ROLE node1 LOGIN PASSWORD '…' IN ROLE ftpactors_ingest, ftpactors_handler;

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['ftpactors_ingest', 'ftpactors_handler', 'ftpactors_reader'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), wanted);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I', current_schema(), wanted);
    END LOOP;
END $$;

-- What every node reads when it opens the journal, and its place among the others.
GRANT SELECT ON journal, spool, shard TO ftpactors_ingest, ftpactors_handler;
GRANT SELECT, INSERT, UPDATE, DELETE ON node TO ftpactors_ingest, ftpactors_handler;

-- The slots of sessions, for nodes with the role authd beside one of these.
GRANT SELECT, INSERT, UPDATE, DELETE ON login_slot TO ftpactors_ingest, ftpactors_handler;

-- Nodes with a source: they append and say how far they are. They read events only to see that what is there is what they sent.
GRANT INSERT, UPDATE ON spool TO ftpactors_ingest;
GRANT SELECT, INSERT ON event TO ftpactors_ingest;
GRANT SELECT, INSERT, UPDATE ON spool_day, spool_shard TO ftpactors_ingest;
GRANT EXECUTE ON FUNCTION make_event_day(date) TO ftpactors_ingest;

-- Nodes that own shards or run actions, also those that run them only on their own host: they read events, and write sessions and
-- deliveries. Only they drop what is old.
GRANT SELECT ON event, spool_day, spool_shard TO ftpactors_handler;
GRANT UPDATE ON shard TO ftpactors_handler;
GRANT SELECT, INSERT, UPDATE ON checkpoint, replay, replay_position TO ftpactors_handler;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, delivery TO ftpactors_handler;
GRANT SELECT, INSERT, DELETE ON delivery_try TO ftpactors_handler;
GRANT EXECUTE ON FUNCTION drop_event_day(date) TO ftpactors_handler;

-- People and reports: they read everything and change nothing.
GRANT SELECT ON journal, spool, spool_day, spool_shard, event, shard, checkpoint, session, delivery, delivery_try, replay, replay_position, node,
    login_slot TO ftpactors_reader;
