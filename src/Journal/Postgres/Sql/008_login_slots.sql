-- Sessions and reservations for them, counted over all hosts. Leases of seconds: what is lost with a crash is confirmed anew by the hosts that have it.
-- user_key: the user in lower case. session: null while it is a reservation.
CREATE TABLE login_slot (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_key    text COLLATE "C" NOT NULL,
    "user"      text NOT NULL,
    host        text COLLATE "C" NOT NULL,
    remote      text COLLATE "C" NOT NULL,
    session     text COLLATE "C",
    reserved_at timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
) WITH (fillfactor = 70);

-- None on expires_at: a renewal touches no index (HOT), and the table is as small as the number of open sessions.
CREATE INDEX login_slot_user ON login_slot (user_key);
CREATE UNIQUE INDEX login_slot_session ON login_slot (host, session) WHERE session IS NOT NULL;
