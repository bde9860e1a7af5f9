-- The nodes that share the journal.

-- num: key of the advisory lock that is the node's membership; it is alive while its connection holds that.
-- instance, pid: the run that has the membership, and its backend. ordered: what a person has ordered; 'leaving' ends with the run.
CREATE TABLE node (
    num        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text COLLATE "C" NOT NULL UNIQUE,
    instance   uuid,
    pid        integer,
    roles      text[] NOT NULL DEFAULT '{}',
    weight     integer NOT NULL DEFAULT 1,
    version    text NOT NULL DEFAULT '',
    url        text NOT NULL DEFAULT '',
    state      text NOT NULL DEFAULT 'up' CHECK (state IN ('up', 'leaving')),
    ordered    text CHECK (ordered IN ('leaving', 'down')),
    refused    integer[] NOT NULL DEFAULT '{}',
    backlog    bigint,
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at    timestamptz NOT NULL DEFAULT now()
-- Every beat is an update; with room in the page it is a cheap one.
) WITH (fillfactor = 50);
