-- Deliveries, their tries, and replays.

-- blocked: 1 for every due ordered delivery of a session but the first, so that a long line has one row in delivery_due.
-- AUTOINCREMENT: a later delivery has a higher id, whatever was deleted. facts stands last: a filter that does not ask for it does not read it.
CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT NOT NULL UNIQUE,
    shard       INTEGER NOT NULL,
    rule        TEXT NOT NULL,
    trigger     TEXT NOT NULL,
    session     TEXT,
    ordered     INTEGER NOT NULL,
    on_host     TEXT,
    due_at      INTEGER NOT NULL,
    replay      TEXT,
    state       TEXT NOT NULL CHECK (state IN ('due', 'done', 'dead', 'dropped')),
    blocked     INTEGER NOT NULL,
    step        INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    facts       TEXT NOT NULL
);

-- What may be tried, by time: as large as the sessions that wait, not as the deliveries.
CREATE INDEX delivery_due ON delivery (shard, on_host, due_at, id) WHERE state = 'due' AND blocked = 0;
-- The line of each session.
CREATE INDEX delivery_line ON delivery (shard, session, id) WHERE state = 'due' AND ordered = 1;
-- For people: dead ones among a million done ones.
CREATE INDEX delivery_state ON delivery (state, id);
-- For the counts, without reading the facts.
CREATE INDEX delivery_rule ON delivery (rule, state);

CREATE TABLE delivery_try (
    delivery     INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    step         INTEGER NOT NULL,
    node         TEXT NOT NULL,
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER NOT NULL,
    succeeded    INTEGER NOT NULL,
    code         INTEGER,
    summary      TEXT NOT NULL,
    first_output TEXT NOT NULL,
    last_output  TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
);

-- parameters: JSON of the caller.
CREATE TABLE replay (
    id         TEXT NOT NULL PRIMARY KEY,
    parameters TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    read       INTEGER NOT NULL DEFAULT 0,
    matched    INTEGER NOT NULL DEFAULT 0,
    made       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Everything of that shard and spool up to and including seq has been replayed.
CREATE TABLE replay_position (
    replay TEXT NOT NULL,
    shard  INTEGER NOT NULL,
    spool  INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (replay, shard, spool)
) WITHOUT ROWID;
