-- The schemas as they are after all migrations, to read. A test compares this file with what the
-- migrations make; they alone are run.

-- state.db: everything of one profile but its secrets, in servers/<digest>/users/<uuid>/.
--
-- A moment is a JSON object {"boot","since_boot_ns","server_ms","wall_ms"}: boot id, time since that
-- boot, the server's time if it was known (else null), and the device's own idea of the time.
-- A set of warehouses is a JSON array of uuids. A wish is "leave" or {"activate":{...}} in JSON.

-- Whose database this is.
CREATE TABLE profile (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Scheme, host and port of the server.
    origin TEXT NOT NULL,
    user_uuid TEXT NOT NULL,
    -- The name typed at sign-in; empty if the last one was before version 2.
    username TEXT NOT NULL DEFAULT '',
    -- 1: signed out, and only kept until the last change has settled.
    is_signed_out INTEGER NOT NULL DEFAULT 0 CHECK (is_signed_out IN (0, 1)),
    -- A digest of origin and user, so that a damaged name is told from another profile's file.
    digest TEXT NOT NULL DEFAULT ''
) STRICT;

-- When the server told what is in `assignment`; no row before the first time.
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    fetched_at TEXT NOT NULL
) STRICT;

-- The user's own assignments, in the order of the screen.
CREATE TABLE assignment (
    position INTEGER PRIMARY KEY,
    -- Differs when an assignment is taken away and given again; the warehouse's stays.
    assignment_id TEXT NOT NULL,
    warehouse_uuid TEXT NOT NULL,
    warehouse_name TEXT NOT NULL,
    -- 0: closed, can't be switched to.
    warehouse_is_active INTEGER NOT NULL CHECK (warehouse_is_active IN (0, 1)),
    -- 1: the server says that the user is active here.
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))
) STRICT;
CREATE INDEX assignment_by_warehouse ON assignment (warehouse_uuid);
CREATE INDEX assignment_active ON assignment (position) WHERE is_active = 1;

-- The worker's wishes. AUTOINCREMENT: a number is never given twice, even after a clean-up.
CREATE TABLE change (
    -- The order of recording, which is the order that counts.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    change_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('activate', 'leave')),
    -- The three of the target; null for 'leave'.
    assignment_id TEXT,
    warehouse_uuid TEXT,
    warehouse_name TEXT,
    origin TEXT NOT NULL CHECK (origin IN ('tap', 'scan', 'command', 'undo', 'repair')),
    -- The set that the server had active at the moment of the tap.
    base TEXT NOT NULL,
    -- The wish that an undo would make; null if what was shown can't be wished.
    shown_before TEXT,
    shown_before_is_server_word INTEGER NOT NULL CHECK (shown_before_is_server_word IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'needs_decision', 'confirmed',
                                         'superseded', 'rejected', 'discarded')),
    -- Why it is in this state, in JSON.
    reason TEXT,
    -- The set that the open question is about.
    question TEXT,
    -- When a person last answered a question about it.
    decided_at TEXT,
    recorded_at TEXT NOT NULL,
    settled_at TEXT,
    -- The calendar time of settled_at, for the history: the server's if known, else the device's.
    settled_calendar_ms INTEGER,
    -- The `seq` of the change that took its place.
    superseded_by INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- 1: its rejection was understood.
    is_seen INTEGER NOT NULL DEFAULT 0 CHECK (is_seen IN (0, 1)),
    -- A digest of what never changes of it: change_id, kind, warehouse_uuid, warehouse_name and
    -- recorded_at. Null if it was recorded before version 2.
    wish_digest INTEGER,
    CHECK ((kind = 'activate') = (warehouse_uuid IS NOT NULL)),
    CHECK ((state IN ('confirmed', 'superseded', 'rejected', 'discarded'))
           = (settled_at IS NOT NULL))
) STRICT;
CREATE INDEX change_unsettled ON change (seq) WHERE settled_at IS NULL;
CREATE INDEX change_last_word ON change (seq)
    WHERE settled_at IS NOT NULL AND state <> 'superseded';

-- PATCHes that were, or may have been, sent; written before the first byte leaves.
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    change_seq INTEGER NOT NULL REFERENCES change (seq) ON DELETE CASCADE,
    assignment_id TEXT NOT NULL,
    warehouse_uuid TEXT NOT NULL,
    wanted_active INTEGER NOT NULL CHECK (wanted_active IN (0, 1)),
    sent_at TEXT NOT NULL,
    answered_at TEXT,
    -- What came of it, in JSON; "unknown" until an answer is written down.
    outcome TEXT NOT NULL,
    -- 1: a complete list of after its effect has been judged.
    is_settled INTEGER NOT NULL CHECK (is_settled IN (0, 1))
) STRICT;
CREATE INDEX attempt_unsettled ON attempt (id) WHERE is_settled = 0;
CREATE INDEX attempt_by_change ON attempt (change_seq);

-- What sync remembers between rounds and processes: both backoff counters, deadlines, the anchor.
CREATE TABLE sync_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    connection TEXT NOT NULL,
    connection_since TEXT,
    server_failures INTEGER NOT NULL,
    write_failures INTEGER NOT NULL,
    backoff_until TEXT,
    retry_after_until TEXT,
    -- The server's Date with the boot time at which it came, in JSON.
    anchor TEXT
) STRICT;

-- What the worker chose of language, theme, text_scale and sound. A name that is not there stands
-- for whatever the device is configured for.
CREATE TABLE preference (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;

-- device.db: which users of which servers are known on this device, and who is in front.

CREATE TABLE profile (
    origin TEXT NOT NULL,
    user_uuid TEXT NOT NULL,
    username TEXT NOT NULL,
    -- Which store holds the secrets, so that a weaker one is never used by itself.
    secrets_in TEXT NOT NULL CHECK (secrets_in IN ('file')),
    signed_in_at TEXT,
    -- 1: out of sight, and forgotten once the last change has settled.
    is_signing_out INTEGER NOT NULL CHECK (is_signing_out IN (0, 1)),
    -- Grows with each sign-in: the last user comes first.
    last_used INTEGER NOT NULL,
    PRIMARY KEY (origin, user_uuid)
) STRICT;

CREATE TABLE front (
    origin TEXT PRIMARY KEY,
    user_uuid TEXT NOT NULL,
    FOREIGN KEY (origin, user_uuid) REFERENCES profile (origin, user_uuid) ON DELETE CASCADE
) STRICT;

-- How a profile is protected on this device. No row: as before version 2, with the file and no PIN.
CREATE TABLE protection (
    origin TEXT NOT NULL,
    user_uuid TEXT NOT NULL,
    -- Which store holds the secrets, so that a weaker one is never used by itself.
    secrets_in TEXT NOT NULL CHECK (secrets_in IN ('file', 'keyring')),
    -- What a PIN is checked against: argon2id in the PHC format. NULL: none is set.
    pin_verifier TEXT,
    -- Tries since the last right PIN or password, each counted before it was checked.
    pin_tries INTEGER NOT NULL DEFAULT 0 CHECK (pin_tries >= 0),
    PRIMARY KEY (origin, user_uuid),
    FOREIGN KEY (origin, user_uuid) REFERENCES profile (origin, user_uuid) ON DELETE CASCADE
) STRICT;
