//! What is claimed of lineage, tested: every story that breaks simpler rules, every combination of
//! what a decision looks at, and every short history of two devices.

mod client;
mod cost;
mod out_of_reach;
mod product;
mod rows;
mod shared_slot;
mod small_model;
mod stories;
mod story;
