-- How the worker wants the window to look, to speak and to sound.

-- A name that is not there stands for whatever the device is configured for.
CREATE TABLE preference (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;
