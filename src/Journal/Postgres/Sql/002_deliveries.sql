-- Deliveries, their tries, and replays. Whatever changes a shard's deliveries locks the shard's row first: the line of a session
-- (blocked) is kept right by one writer at a time, and ids of a shard become visible in their order.

-- blocked: for every due ordered delivery of a session but the first, so that a long line has one row in delivery_due.
CREATE TABLE delivery (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text COLLATE "C" NOT NULL UNIQUE,
    shard       integer NOT NULL,
    rule        text NOT NULL,
    trigger     text NOT NULL,
    session     text COLLATE "C",
    ordered     boolean NOT NULL,
    on_host     text,
    due_at      timestamptz NOT NULL,
    replay      text,
    state       text NOT NULL CHECK (state IN ('due', 'done', 'dead', 'dropped')),
    blocked     boolean NOT NULL,
    step        integer NOT NULL,
    attempt     integer NOT NULL,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    facts       json NOT NULL
);

-- What may be tried, by time: as large as the sessions that wait, not as the deliveries.
CREATE INDEX delivery_due ON delivery (shard, due_at, id) WHERE state = 'due' AND NOT blocked;
-- The line of each session.
CREATE INDEX delivery_line ON delivery (shard, session, id) WHERE state = 'due' AND ordered;
-- For people: dead ones among a million done ones.
CREATE INDEX delivery_state ON delivery (state, id);
-- For the counts, without reading the facts.
CREATE INDEX delivery_rule ON delivery (rule, state);

-- summary and outputs: as ReversibleText, because a program's output may have NUL, which text cannot hold.
CREATE TABLE delivery_try (
    delivery     bigint NOT NULL,
    number       integer NOT NULL,
    step         integer NOT NULL,
    node         text NOT NULL,
    started_at   timestamptz NOT NULL,
    ended_at     timestamptz NOT NULL,
    succeeded    boolean NOT NULL,
    code         integer,
    summary      text NOT NULL,
    first_output text NOT NULL,
    last_output  text NOT NULL,
    PRIMARY KEY (delivery, number)
);

-- parameters: JSON of the caller.
CREATE TABLE replay (
    id         text COLLATE "C" PRIMARY KEY,
    parameters text NOT NULL,
    state      text NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    read       bigint NOT NULL DEFAULT 0,
    matched    bigint NOT NULL DEFAULT 0,
    made       bigint NOT NULL DEFAULT 0
);

-- Everything of that shard and spool up to and including seq has been replayed.
CREATE TABLE replay_position (
    replay text COLLATE "C" NOT NULL,
    shard  integer NOT NULL,
    spool  integer NOT NULL,
    seq    bigint NOT NULL,
    PRIMARY KEY (replay, shard, spool)
);
