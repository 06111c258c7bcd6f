-- What `device.db` knows of the profile too, so that it can be rebuilt when it is lost.

-- The name typed at sign-in; empty if the last one was before this version.
ALTER TABLE profile ADD COLUMN username TEXT NOT NULL DEFAULT '';
-- 1: signed out, and only kept until the last change has settled.
ALTER TABLE profile ADD COLUMN is_signed_out INTEGER NOT NULL DEFAULT 0
    CHECK (is_signed_out IN (0, 1));
-- A digest of origin and user, so that a damaged name is told from another profile's file.
ALTER TABLE profile ADD COLUMN digest TEXT NOT NULL DEFAULT '';
