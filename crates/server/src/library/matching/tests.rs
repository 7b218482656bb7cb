//! tests to come now
