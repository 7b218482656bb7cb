-- Which save was here when a save state was first seen, by the state's file.
CREATE TABLE state_sightings (
    path BLOB PRIMARY KEY,
    rom INTEGER NOT NULL,
    content BLOB NOT NULL,
    -- The mark of that save; none where there was no save.
    save TEXT
) STRICT;

-- What a save state of a game here and the server last had in common.
CREATE TABLE state_baselines (
    rom INTEGER NOT NULL,
    core TEXT NOT NULL,
    ending TEXT NOT NULL,
    content BLOB NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (rom, core, ending)
) STRICT;
