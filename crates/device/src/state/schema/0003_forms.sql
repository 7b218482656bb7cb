-- A file may hold its content packed, and then it is known in two ways: by its own bytes, and by what
-- they hold. What was known before is read again.
DROP TABLE hashes;

CREATE TABLE hashes (
    -- Grows with every file that is read, so the smallest are the oldest.
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL,
    -- What was hashed: 0 the file, 1 its content.
    hashed INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    hash BLOB,
    blob BLOB NOT NULL,
    -- 0 empty, 1 zeros, 2 ones.
    blank INTEGER,
    -- Of a packed file: the size of its content, and its own bytes.
    content_size INTEGER,
    file_blob BLOB,
    read_at INTEGER NOT NULL,
    UNIQUE (path, hashed)
) STRICT;
