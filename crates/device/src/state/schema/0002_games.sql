-- A state of another program was read in: it does not say where the files are, and may know less.
ALTER TABLE baselines RENAME TO baselines_before;
CREATE TABLE baselines (
    device TEXT NOT NULL,
    rom INTEGER NOT NULL,
    -- A slot's name behind '='; empty for the null slot.
    slot TEXT NOT NULL,
    file_name TEXT NOT NULL,
    hash BLOB,
    blob BLOB,
    size INTEGER,
    mtime_ns INTEGER,
    save INTEGER,
    tracked INTEGER,
    server_hash BLOB,
    server_size INTEGER,
    server_updated_at INTEGER,
    path BLOB,
    at INTEGER,
    PRIMARY KEY (device, rom, slot, file_name)
) STRICT, WITHOUT ROWID;
INSERT INTO baselines
    (device, rom, slot, file_name, hash, blob, size, save, tracked, server_hash,
     server_updated_at, path, at)
    SELECT device, rom, slot, file_name, hash, blob, size, save, save, server_hash,
     server_updated_at, path, at FROM baselines_before;
DROP TABLE baselines_before;

-- Which machine this is.
CREATE TABLE machine (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device_id TEXT,
    server_device_id TEXT
) STRICT;

CREATE TABLE games (
    rom INTEGER PRIMARY KEY,
    system TEXT,
    emulator TEXT,
    active_slot TEXT,
    slot_confirmed INTEGER NOT NULL,
    last_synced_core TEXT,
    last_sync_check_at INTEGER,
    -- 0 where uploads were made before anyone wrote them down.
    knows_own_uploads INTEGER NOT NULL
) STRICT;

CREATE TABLE own_uploads (
    -- In the order they were made.
    number INTEGER PRIMARY KEY,
    rom INTEGER NOT NULL,
    save INTEGER NOT NULL,
    UNIQUE (rom, save)
) STRICT;

CREATE TABLE slots (
    rom INTEGER NOT NULL,
    -- As in baselines.
    slot TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('server', 'local')),
    saves INTEGER,
    latest_updated_at INTEGER,
    PRIMARY KEY (rom, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE playtime (
    rom INTEGER PRIMARY KEY,
    total_seconds INTEGER NOT NULL,
    session_count INTEGER NOT NULL,
    last_session_duration_sec INTEGER,
    -- The session that is under way: from its start on all of these, or none.
    start INTEGER,
    start_boot BLOB,
    start_awake INTEGER,
    suspended INTEGER,
    paused INTEGER,
    -- The note of a server that knows no play sessions.
    note INTEGER,
    -- What the server's sessions added up to when it was last asked.
    server_seconds INTEGER
) STRICT;

-- Play sessions that the server was not told yet.
CREATE TABLE outbox (
    -- Never given twice: a note says up to which one it counts.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rom INTEGER NOT NULL,
    slot TEXT,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_of_game ON outbox (rom, number);

-- How an installation lays its saves out, and how it did before, while saves still stand there.
CREATE TABLE layouts (
    installation TEXT NOT NULL,
    previous INTEGER NOT NULL CHECK (previous IN (0, 1)),
    root BLOB,
    sort_by_content INTEGER NOT NULL,
    sort_by_core INTEGER NOT NULL,
    in_content_directory INTEGER NOT NULL,
    PRIMARY KEY (installation, previous)
) STRICT, WITHOUT ROWID;

-- Which game of the server a game here is.
CREATE TABLE matches (
    path BLOB PRIMARY KEY,
    platform TEXT NOT NULL,
    stem TEXT NOT NULL,
    rom INTEGER NOT NULL,
    decided_by TEXT NOT NULL CHECK (decided_by IN ('person', 'hash', 'name', 'title')),
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX matches_by_name ON matches (platform, stem);
CREATE INDEX matches_of_game ON matches (rom);
