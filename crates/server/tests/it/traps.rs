//! What would break a real client: one test for each trap that was found in the clients' own code.
//!
//! The first line of each says whom it would hit.

mod played;
mod saves;
mod server;
mod shapes;
