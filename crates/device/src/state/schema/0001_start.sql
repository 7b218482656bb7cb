CREATE TABLE identity (
    origin TEXT NOT NULL,
    user_id INTEGER NOT NULL
) STRICT;

CREATE TABLE baselines (
    device TEXT NOT NULL,
    rom INTEGER NOT NULL,
    -- A slot's name behind '='; empty for the null slot.
    slot TEXT NOT NULL,
    file_name TEXT NOT NULL,
    hash BLOB,
    blob BLOB,
    size INTEGER NOT NULL,
    save INTEGER,
    server_hash BLOB,
    server_updated_at INTEGER,
    path BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (device, rom, slot, file_name)
) STRICT, WITHOUT ROWID;

-- What files held when they were last read. May be lost at any time.
CREATE TABLE hashes (
    -- Grows with every file that is read, so the smallest are the oldest.
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    hash BLOB,
    blob BLOB NOT NULL,
    -- 0 empty, 1 zeros, 2 ones.
    blank INTEGER,
    read_at INTEGER NOT NULL
) STRICT;
