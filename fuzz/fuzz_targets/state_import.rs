//! Fuzzes `state_import`: what must hold stands in `keepsave_device::foreign_bytes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keepsave_device::foreign_bytes::run("state_import", data));
