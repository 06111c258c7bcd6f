-- How a profile is protected on this device. No row: as before version 2, with the file and no PIN.

CREATE TABLE protection (
    origin TEXT NOT NULL,
    user_uuid TEXT NOT NULL,
    -- Which store holds the secrets, so that a weaker one is never used by itself. The column of
    -- the same name in `profile` knew the file alone and is not read any more.
    secrets_in TEXT NOT NULL CHECK (secrets_in IN ('file', 'keyring')),
    -- What a PIN is checked against: argon2id in the PHC format. NULL: none is set.
    pin_verifier TEXT,
    -- Tries since the last right PIN or password, each counted before it was checked.
    pin_tries INTEGER NOT NULL DEFAULT 0 CHECK (pin_tries >= 0),
    PRIMARY KEY (origin, user_uuid),
    FOREIGN KEY (origin, user_uuid) REFERENCES profile (origin, user_uuid) ON DELETE CASCADE
) STRICT;
