-- What is being written into a note: if the answer is lost, the note says whether it was.
CREATE TABLE note_reports (
    rom INTEGER PRIMARY KEY,
    mark TEXT NOT NULL,
    -- The last play session of the outbox that it counts.
    up_to INTEGER NOT NULL
) STRICT;

-- What a person was told that is told once.
CREATE TABLE notices (
    what TEXT PRIMARY KEY
) STRICT;

-- The files of a game, whichever device this machine was when they were synced.
CREATE INDEX baselines_of_game ON baselines (rom, slot);
