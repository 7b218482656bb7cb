//! Fuzzes `times_and_hashes`: what must hold stands in `keepsave_device::foreign_bytes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keepsave_device::foreign_bytes::run("times_and_hashes", data));
