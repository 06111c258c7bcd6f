-- state.db: everything of one profile but its secrets.
--
-- A moment is a JSON object {"boot","since_boot_ns","server_ms","wall_ms"}: boot id, time since that
-- boot, the server's time if it was known (else null), and the device's own idea of the time.
-- A set of warehouses is a JSON array of uuids. A wish is null for 'none' or a JSON object.

-- Whose database this is; never changes.
CREATE TABLE profile (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    origin TEXT NOT NULL,
    user_uuid TEXT NOT NULL
) STRICT;

-- When the server told what is in `assignment`; no row before the first time.
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    fetched_at TEXT NOT NULL
) STRICT;

-- The user's own assignments, in the order of the screen.
CREATE TABLE assignment (
    position INTEGER PRIMARY KEY,
    assignment_id TEXT NOT NULL,
    warehouse_uuid TEXT NOT NULL,
    warehouse_name TEXT NOT NULL,
    warehouse_is_active INTEGER NOT NULL CHECK (warehouse_is_active IN (0, 1)),
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))
) STRICT;
CREATE INDEX assignment_by_warehouse ON assignment (warehouse_uuid);
CREATE INDEX assignment_active ON assignment (position) WHERE is_active = 1;

-- The worker's wishes. AUTOINCREMENT: a number is never given twice, even after a clean-up.
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    change_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('activate', 'leave')),
    assignment_id TEXT,
    warehouse_uuid TEXT,
    warehouse_name TEXT,
    origin TEXT NOT NULL CHECK (origin IN ('tap', 'scan', 'command', 'undo', 'repair')),
    base TEXT NOT NULL,
    shown_before TEXT,
    shown_before_is_server_word INTEGER NOT NULL CHECK (shown_before_is_server_word IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'needs_decision', 'confirmed',
                                         'superseded', 'rejected', 'discarded')),
    reason TEXT,
    question TEXT,
    decided_at TEXT,
    recorded_at TEXT NOT NULL,
    settled_at TEXT,
    -- The calendar time of settled_at, for the history: the server's if known, else the device's.
    settled_calendar_ms INTEGER,
    superseded_by INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    is_seen INTEGER NOT NULL DEFAULT 0 CHECK (is_seen IN (0, 1)),
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
    outcome TEXT NOT NULL,
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
    anchor TEXT
) STRICT;
