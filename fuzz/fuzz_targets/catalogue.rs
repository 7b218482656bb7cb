//! Fuzzes `catalogue`: what must hold stands in `keepsave_server::foreign_bytes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keepsave_server::foreign_bytes::run("catalogue", data));
