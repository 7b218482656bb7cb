//! The server's tests through its router: one module for each area, one binary for all.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that needs it"
)]

mod accounts;
mod auth;
mod bad_input;
mod browsers;
mod conflict_pages;
mod conformance;
mod content;
mod crash;
mod csrf;
mod device_auth;
mod devices;
mod game;
mod game_pages;
mod game_tabs;
mod heartbeat;
mod history;
mod jobs;
mod library_catalogue;
mod library_content;
mod library_layouts;
mod library_shelf;
mod library_stories;
mod library_watch;
mod losses;
mod maintenance;
mod negotiate_cost;
mod negotiate_limits;
mod negotiate_model;
mod negotiate_pair;
mod negotiate_rows;
mod negotiate_shared_slot;
mod negotiate_stories;
mod negotiate_story;
mod negotiate_wire;
mod notes;
mod play_sessions;
mod replay;
mod roms;
mod saves;
mod screenshots;
mod screenshots_kept;
mod secrets;
mod sessions;
mod states;
mod states_kept;
mod story;
mod system;
mod tokens;
mod traps;
mod tree;
mod upload_limits;
mod users;
mod versions;
mod web;
mod web_account;
mod web_admin;
mod web_community;
mod web_language;
mod web_overview;
mod works;
