-- The embedded journal, version 1. Applied in one transaction; PRAGMA user_version says how far a file has come.

-- One row: what is fixed when the file is made.
CREATE TABLE journal (
    shards INTEGER NOT NULL CHECK (shards > 0)
);

-- num is the short name of a spool in the other tables. The file's own spool is number 1.
CREATE TABLE spool (
    num      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    host     TEXT NOT NULL,
    last_seq INTEGER NOT NULL
);

-- received_at: microseconds since 1970-01-01 UTC, as all times here. payload: the canonical event as JSON.
CREATE TABLE event (
    shard       INTEGER NOT NULL,
    spool       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    payload     TEXT NOT NULL,
    PRIMARY KEY (shard, spool, seq)
) WITHOUT ROWID;

CREATE TABLE shard (
    id         INTEGER PRIMARY KEY,
    epoch      INTEGER NOT NULL DEFAULT 0,
    owner      TEXT NOT NULL DEFAULT '',
    duplicates INTEGER NOT NULL DEFAULT 0,
    reordered  INTEGER NOT NULL DEFAULT 0
);

-- held: JSON array of seqs at or below seq that are not applied yet.
CREATE TABLE checkpoint (
    shard INTEGER NOT NULL,
    spool INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    held  TEXT NOT NULL,
    PRIMARY KEY (shard, spool)
) WITHOUT ROWID;

-- key_user and key_remote_host belong to the session's identity and never change; user and remote_host are what is known now.
CREATE TABLE session (
    id              TEXT NOT NULL PRIMARY KEY,
    shard           INTEGER NOT NULL,
    host            TEXT NOT NULL,
    service         TEXT NOT NULL,
    key_user        TEXT NOT NULL,
    key_remote_host TEXT NOT NULL,
    server_session  TEXT NOT NULL,
    opened_at       INTEGER NOT NULL,
    began           TEXT NOT NULL,
    user            TEXT NOT NULL,
    remote_host     TEXT NOT NULL,
    email           TEXT,
    closed_at       INTEGER,
    ended           TEXT,
    state           TEXT NOT NULL,
    certainty       TEXT NOT NULL,
    path            TEXT,
    bytes_now       INTEGER NOT NULL,
    rate            REAL NOT NULL,
    uploads         INTEGER NOT NULL,
    downloads       INTEGER NOT NULL,
    bytes_up        INTEGER NOT NULL,
    bytes_down      INTEGER NOT NULL,
    failures        INTEGER NOT NULL,
    deletes         INTEGER NOT NULL,
    mkdirs          INTEGER NOT NULL,
    renames         INTEGER NOT NULL,
    other           INTEGER NOT NULL,
    last_at         INTEGER NOT NULL
) WITHOUT ROWID;

-- Only open sessions: small, and read when a shard is taken.
CREATE INDEX session_open ON session (shard) WHERE closed_at IS NULL;
-- opened_at never changes, so an update of a session does not touch this index. There is none on last_at for that reason.
CREATE INDEX session_opened ON session (opened_at, id);

-- AUTOINCREMENT: a number that was released is never given again.
CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL,
    source      TEXT NOT NULL,
    sender      TEXT,
    reason      TEXT NOT NULL,
    bytes       BLOB NOT NULL
);

CREATE TABLE source_state (
    source TEXT NOT NULL PRIMARY KEY,
    state  BLOB NOT NULL
) WITHOUT ROWID;
