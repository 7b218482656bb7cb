-- Saves: slots, timelines, versions and the wire rows that show them; states; screenshots.

-- A slot of one person's game. Its clock makes updated_at strictly grow within the slot.
CREATE TABLE slots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    rom_id INTEGER NOT NULL REFERENCES roms (id),
    slot TEXT, -- NULL: the archive of slotless uploads
    clock INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX slots_by_name ON slots (user_id, rom_id, COALESCE(slot, ''), (slot IS NULL));

-- Where versions grow from one another. In a slot the part is empty or a companion's extension; in
-- the archive, where names are never paired, it is the file name.
CREATE TABLE timelines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    slot_id INTEGER NOT NULL REFERENCES slots (id),
    part TEXT NOT NULL,
    head_save_id INTEGER, -- the newest remaining row; NULL when none remains
    last_ordinal INTEGER NOT NULL DEFAULT 0,
    UNIQUE (slot_id, part)
);

CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    timeline_id INTEGER NOT NULL REFERENCES timelines (id),
    ordinal INTEGER NOT NULL,
    save_id INTEGER, -- the row that shows it or once did; NULL: a refused upload
    content_hash BLOB, -- MD5 as RomM computes it; NULL: an unreadable archive
    blob BLOB NOT NULL, -- BLAKE3
    size INTEGER NOT NULL,
    blank INTEGER NOT NULL DEFAULT 0,
    file_name TEXT NOT NULL, -- as it was sent
    emulator TEXT,
    device_id TEXT REFERENCES devices (id) ON DELETE SET NULL,
    device_name TEXT, -- as it was then: outlives the device
    made_by TEXT NOT NULL, -- upload | replace | restore | adopt | copy
    set_id TEXT,
    name TEXT,
    pinned INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0, -- kept as a branch; unknown to negotiate
    is_leaf INTEGER NOT NULL DEFAULT 1, -- no other grew from it
    settled_at INTEGER, -- a branch that a person has dealt with
    deleted_at INTEGER, -- a person's tombstone
    purged_at INTEGER, -- retention removed the bytes; the lineage stays
    created_at INTEGER NOT NULL,
    UNIQUE (timeline_id, ordinal)
);
CREATE INDEX versions_by_content ON versions (timeline_id, content_hash, ordinal);
CREATE INDEX versions_by_blob ON versions (blob);
CREATE INDEX versions_by_save ON versions (save_id);
CREATE INDEX versions_by_set ON versions (set_id) WHERE set_id IS NOT NULL;
CREATE INDEX versions_leaves ON versions (timeline_id) WHERE is_leaf = 1;

CREATE TABLE version_parents (
    version_id INTEGER NOT NULL REFERENCES versions (id),
    parent_id INTEGER NOT NULL REFERENCES versions (id),
    PRIMARY KEY (version_id, parent_id)
) WITHOUT ROWID;
CREATE INDEX version_children ON version_parents (parent_id);

-- The wire row. It shows one version at a time and repeats what a listing needs of it.
CREATE TABLE saves (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    rom_id INTEGER NOT NULL REFERENCES roms (id),
    timeline_id INTEGER NOT NULL REFERENCES timelines (id),
    version_id INTEGER NOT NULL REFERENCES versions (id),
    slot TEXT,
    file_name TEXT NOT NULL,
    file_path TEXT NOT NULL, -- the folder in the asset tree
    size INTEGER NOT NULL,
    content_hash BLOB,
    blob BLOB NOT NULL,
    emulator TEXT,
    is_public INTEGER NOT NULL DEFAULT 0,
    origin_device_id TEXT REFERENCES devices (id) ON DELETE SET NULL,
    screenshot_id INTEGER REFERENCES screenshots (id),
    hidden TEXT, -- NULL | deleted | cleaned
    hidden_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX saves_by_path ON saves (file_path, file_name);
CREATE INDEX saves_by_rom ON saves (user_id, rom_id) WHERE hidden IS NULL;
CREATE INDEX saves_by_timeline ON saves (timeline_id, updated_at) WHERE hidden IS NULL;
CREATE INDEX saves_public ON saves (rom_id) WHERE is_public = 1 AND hidden IS NULL;

-- What the server knows of one device on one timeline.
CREATE TABLE holdings (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    timeline_id INTEGER NOT NULL REFERENCES timelines (id),
    baseline_id INTEGER REFERENCES versions (id),
    claim_id INTEGER REFERENCES versions (id), -- sent for an optimistic download, not proven
    claim_before_id INTEGER REFERENCES versions (id), -- the baseline before that
    distrusted_id INTEGER REFERENCES versions (id), -- a claim that was taken back
    untracked INTEGER NOT NULL DEFAULT 0,
    reported_hash BLOB, -- what the device showed last, when a person must settle it
    reported_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (device_id, timeline_id)
) WITHOUT ROWID;
CREATE INDEX holdings_by_timeline ON holdings (timeline_id);

-- The newest versions that a device has for certain; it also has all that these grew from.
CREATE TABLE proven (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    timeline_id INTEGER NOT NULL REFERENCES timelines (id),
    version_id INTEGER NOT NULL REFERENCES versions (id),
    PRIMARY KEY (device_id, timeline_id, version_id)
) WITHOUT ROWID;

-- RomM's record of when a device last synced a row, and which version it was last sent from it.
CREATE TABLE row_syncs (
    save_id INTEGER NOT NULL REFERENCES saves (id) ON DELETE CASCADE,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    last_synced_at INTEGER, -- NULL: only sent so far
    sent_version_id INTEGER REFERENCES versions (id),
    PRIMARY KEY (save_id, device_id)
) WITHOUT ROWID;
CREATE INDEX row_syncs_by_device ON row_syncs (device_id);

CREATE TABLE screenshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    rom_id INTEGER NOT NULL REFERENCES roms (id),
    file_name TEXT NOT NULL,
    file_path TEXT NOT NULL,
    size INTEGER NOT NULL,
    blob BLOB NOT NULL,
    is_gallery INTEGER NOT NULL DEFAULT 0,
    is_public INTEGER NOT NULL DEFAULT 0,
    hidden_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX screenshots_by_path ON screenshots (file_path, file_name);
CREATE INDEX screenshots_by_rom ON screenshots (user_id, rom_id) WHERE hidden_at IS NULL;
CREATE INDEX screenshots_by_blob ON screenshots (blob);

CREATE TABLE states (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    rom_id INTEGER NOT NULL REFERENCES roms (id),
    file_name TEXT NOT NULL,
    file_path TEXT NOT NULL,
    size INTEGER NOT NULL,
    blob BLOB NOT NULL,
    emulator TEXT,
    is_public INTEGER NOT NULL DEFAULT 0,
    screenshot_id INTEGER REFERENCES screenshots (id),
    hidden_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX states_by_path ON states (file_path, file_name);
CREATE INDEX states_by_rom ON states (user_id, rom_id) WHERE hidden_at IS NULL;
CREATE INDEX states_by_blob ON states (blob);
CREATE INDEX states_public ON states (rom_id) WHERE is_public = 1 AND hidden_at IS NULL;

-- Every content that a state or a screenshot ever had: replacing keeps what was there.
CREATE TABLE earlier_contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state_id INTEGER REFERENCES states (id),
    screenshot_id INTEGER REFERENCES screenshots (id),
    file_name TEXT NOT NULL,
    emulator TEXT,
    size INTEGER NOT NULL,
    blob BLOB NOT NULL,
    replaced_at INTEGER NOT NULL
);
CREATE INDEX earlier_contents_by_blob ON earlier_contents (blob);
CREATE INDEX earlier_contents_by_state ON earlier_contents (state_id);
CREATE INDEX earlier_contents_by_screenshot ON earlier_contents (screenshot_id);
