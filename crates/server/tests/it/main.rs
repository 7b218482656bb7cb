//! The server's tests through its router: one module for each area, one binary for all.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

mod accounts;
mod auth;
mod bad_input;
mod conformance;
mod content;
mod csrf;
mod device_auth;
mod devices;
mod game;
mod heartbeat;
mod jobs;
mod losses;
mod maintenance;
mod negotiate_cost;
mod negotiate_limits;
mod negotiate_rows;
mod negotiate_shared_slot;
mod negotiate_stories;
mod negotiate_story;
mod negotiate_wire;
mod play_sessions;
mod replay;
mod saves;
mod screenshots;
mod sessions;
mod states;
mod system;
mod tokens;
mod traps;
mod tree;
mod upload_limits;
mod users;
mod versions;
mod web;
