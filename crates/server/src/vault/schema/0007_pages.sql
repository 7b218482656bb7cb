-- What pages ask: which versions may be branches, what was played last, how a device's last try went.
CREATE INDEX versions_open ON versions (timeline_id, id)
    WHERE is_leaf = 1 AND deleted_at IS NULL AND settled_at IS NULL;
CREATE INDEX rom_users_played ON rom_users (user_id, last_played);
CREATE INDEX sync_sessions_by_device ON sync_sessions (device_id, id);
