-- People, how they sign in, and their devices. Moments are microseconds since 1970.

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL, -- lower case
    email TEXT,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL, -- admin | user
    enabled INTEGER NOT NULL DEFAULT 1,
    ui_settings TEXT NOT NULL DEFAULT '{}',
    last_login INTEGER,
    last_active INTEGER,
    deleted_at INTEGER, -- may not sign in any more; what is theirs stays
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX users_by_name ON users (username) WHERE deleted_at IS NULL;

CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT,
    platform TEXT,
    client TEXT,
    client_version TEXT,
    ip_address TEXT,
    mac_address TEXT,
    hostname TEXT,
    client_device_identifier TEXT,
    sync_mode TEXT NOT NULL, -- api | file_transfer | push_pull
    sync_enabled INTEGER NOT NULL DEFAULT 1,
    sync_config TEXT, -- JSON
    last_seen INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX devices_by_user ON devices (user_id);

-- A browser's session. Only the hash of its id is kept.
CREATE TABLE web_sessions (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id TEXT REFERENCES devices (id) ON DELETE SET NULL,
    ip_address TEXT,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX web_sessions_by_user ON web_sessions (user_id);

-- What POST /api/token gives out. Only hashes are kept.
CREATE TABLE grants (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL, -- access | refresh
    scopes TEXT NOT NULL, -- separated by spaces
    expires_at INTEGER NOT NULL
);
CREATE INDEX grants_by_user ON grants (user_id);

CREATE TABLE client_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id TEXT REFERENCES devices (id) ON DELETE SET NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL, -- separated by spaces, as asked for
    hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL
);
CREATE INDEX client_tokens_by_user ON client_tokens (user_id);

-- Lets a client in that cannot type a token. Outlives its token: the client is told that it is gone.
CREATE TABLE pairing_codes (
    code_hash BLOB PRIMARY KEY,
    token_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
);

-- A device that asks to be let in (device authorization), until it has fetched its token.
CREATE TABLE device_requests (
    device_code_hash BLOB PRIMARY KEY,
    user_code TEXT UNIQUE, -- NULL once approved or denied
    client_device_identifier TEXT NOT NULL,
    name TEXT NOT NULL,
    client TEXT NOT NULL,
    platform TEXT,
    client_version TEXT,
    requested_scopes TEXT NOT NULL,
    ip_address TEXT NOT NULL,
    status TEXT NOT NULL, -- pending | approved | denied
    approved_by INTEGER REFERENCES users (id) ON DELETE CASCADE,
    approved_scopes TEXT,
    device_id TEXT REFERENCES devices (id) ON DELETE CASCADE,
    token_name TEXT,
    token_expires_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

-- Single facts about this installation.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
