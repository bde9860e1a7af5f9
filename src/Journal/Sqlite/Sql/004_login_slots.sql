-- Sessions and reservations for them. user_key: the user in lower case. session: null while it is a reservation.
-- AUTOINCREMENT: whoever releases a slot late must not hit another's.
CREATE TABLE login_slot (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_key    TEXT NOT NULL,
    user        TEXT NOT NULL,
    host        TEXT NOT NULL,
    remote      TEXT NOT NULL,
    session     TEXT,
    reserved_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
);

CREATE INDEX login_slot_user ON login_slot (user_key);
CREATE UNIQUE INDEX login_slot_session ON login_slot (host, session) WHERE session IS NOT NULL;
