-- Platforms, games and what a person notes about a game.

CREATE TABLE platforms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fs_slug TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    custom_name TEXT NOT NULL DEFAULT '',
    missing INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

CREATE TABLE roms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform_id INTEGER NOT NULL REFERENCES platforms (id),
    fs_name TEXT NOT NULL,
    fs_path TEXT NOT NULL, -- the folder, relative to the library
    fs_size INTEGER NOT NULL DEFAULT 0,
    is_folder INTEGER NOT NULL DEFAULT 0,
    top_files INTEGER NOT NULL DEFAULT 0, -- files that are not in a folder within the game's
    name TEXT NOT NULL,
    named INTEGER NOT NULL DEFAULT 0, -- a person chose the name: it stays when the file is renamed
    sort_key TEXT NOT NULL,
    search_text TEXT NOT NULL, -- name and file name, folded
    regions TEXT NOT NULL DEFAULT '[]', -- JSON lists
    languages TEXT NOT NULL DEFAULT '[]',
    tags TEXT NOT NULL DEFAULT '[]',
    revision TEXT NOT NULL DEFAULT '',
    crc_hash TEXT NOT NULL DEFAULT '',
    md5_hash TEXT NOT NULL DEFAULT '',
    sha1_hash TEXT NOT NULL DEFAULT '',
    hashed INTEGER NOT NULL DEFAULT 1, -- 0: the files are still to be read
    identity BLOB, -- what stays equal when the game is renamed or moved; NULL: nothing does
    identity_size INTEGER NOT NULL DEFAULT 0, -- how many bytes that is made of
    registered INTEGER NOT NULL DEFAULT 0, -- made by hand: needs no file
    listed INTEGER NOT NULL DEFAULT 0, -- stands in a text catalogue: needs no file
    missing INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX roms_by_platform ON roms (platform_id, fs_size);
CREATE INDEX roms_by_name ON roms (sort_key, id);
CREATE INDEX roms_by_platform_and_name ON roms (platform_id, sort_key, id);
CREATE INDEX roms_by_file ON roms (platform_id, fs_name);
CREATE INDEX roms_by_crc ON roms (crc_hash);
CREATE INDEX roms_by_md5 ON roms (md5_hash);
CREATE INDEX roms_by_sha1 ON roms (sha1_hash);
CREATE INDEX roms_unhashed ON roms (id) WHERE hashed = 0;

CREATE TABLE rom_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rom_id INTEGER NOT NULL REFERENCES roms (id) ON DELETE CASCADE,
    file_name TEXT NOT NULL,
    file_path TEXT NOT NULL, -- the folder, relative to the library
    size INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    crc_hash TEXT NOT NULL DEFAULT '',
    md5_hash TEXT NOT NULL DEFAULT '',
    sha1_hash TEXT NOT NULL DEFAULT '',
    hashed INTEGER NOT NULL DEFAULT 0, -- the hashes are those of the bytes with this size and time
    uniform INTEGER NOT NULL DEFAULT 0, -- all its bytes are one: it says nothing of the game
    archive_members TEXT, -- JSON; NULL: no archive, or none that can be listed
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX rom_files_by_rom ON rom_files (rom_id);
CREATE INDEX rom_files_by_md5 ON rom_files (md5_hash);
CREATE INDEX rom_files_by_sha1 ON rom_files (sha1_hash);
CREATE INDEX rom_files_by_crc ON rom_files (crc_hash);

CREATE TABLE rom_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    rom_id INTEGER NOT NULL REFERENCES roms (id) ON DELETE CASCADE,
    last_played INTEGER,
    is_main_sibling INTEGER NOT NULL DEFAULT 0,
    backlogged INTEGER NOT NULL DEFAULT 0,
    now_playing INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    rating INTEGER NOT NULL DEFAULT 0,
    difficulty INTEGER NOT NULL DEFAULT 0,
    completion INTEGER NOT NULL DEFAULT 0,
    status TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, rom_id)
);
CREATE INDEX rom_users_hidden ON rom_users (user_id, rom_id) WHERE hidden = 1;

CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rom_id INTEGER NOT NULL REFERENCES roms (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    tags TEXT NOT NULL, -- JSON list
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (rom_id, user_id, title)
);
