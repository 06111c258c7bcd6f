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
