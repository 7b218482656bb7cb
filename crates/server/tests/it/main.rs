//! The server's tests through its router: one module for each area, one binary for all.

mod heartbeat;
mod replay;
