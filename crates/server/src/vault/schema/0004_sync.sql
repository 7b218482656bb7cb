-- Sync sessions, from negotiate to complete, and play sessions.

CREATE TABLE sync_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    status TEXT NOT NULL, -- PENDING | IN_PROGRESS | COMPLETED | FAILED | CANCELLED
    initiated_at INTEGER NOT NULL,
    completed_at INTEGER,
    operations_planned INTEGER NOT NULL DEFAULT 0,
    operations_completed INTEGER NOT NULL DEFAULT 0,
    operations_failed INTEGER NOT NULL DEFAULT 0,
    error_message TEXT,
    plan TEXT NOT NULL DEFAULT '[]', -- JSON: the operations with their reasons, without the no_ops
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX sync_sessions_by_user ON sync_sessions (user_id, initiated_at);
CREATE INDEX sync_sessions_open ON sync_sessions (device_id)
    WHERE status IN ('PENDING', 'IN_PROGRESS');

CREATE TABLE play_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id TEXT, -- outlives the device: without it, two sessions could become the same one
    rom_id INTEGER REFERENCES roms (id) ON DELETE SET NULL,
    sync_session_id INTEGER REFERENCES sync_sessions (id) ON DELETE SET NULL,
    save_slot TEXT,
    start_time INTEGER NOT NULL,
    end_time INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX play_sessions_by_user ON play_sessions (user_id, start_time);
CREATE UNIQUE INDEX play_sessions_identity
    ON play_sessions (user_id, COALESCE(device_id, ''), COALESCE(rom_id, 0), start_time);
