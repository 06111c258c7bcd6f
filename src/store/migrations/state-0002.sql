-- What is needed to rebuild a lost `device.db`, and to notice that a wish is not what it was.

-- The name typed at sign-in; empty if the last one was before this version.
ALTER TABLE profile ADD COLUMN username TEXT NOT NULL DEFAULT '';
-- 1: signed out, and only kept until the last change has settled.
ALTER TABLE profile ADD COLUMN is_signed_out INTEGER NOT NULL DEFAULT 0
    CHECK (is_signed_out IN (0, 1));
-- A digest of origin and user, so that a damaged name is told from another profile's file.
ALTER TABLE profile ADD COLUMN digest TEXT NOT NULL DEFAULT '';

-- A digest of what never changes of a wish. A flipped bit can make one warehouse's uuid another's,
-- which SQLite does not notice. NULL: recorded before this version.
ALTER TABLE change ADD COLUMN wish_digest INTEGER;
