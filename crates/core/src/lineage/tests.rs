//! What is claimed of lineage, tested: every story that breaks simpler rules, and every combination of
//! what a decision looks at. Every short history of two and three devices is the crate `model`'s.

mod cost;
mod out_of_reach;
mod product;
mod rows;
mod shared_slot;
mod stories;
mod story;
