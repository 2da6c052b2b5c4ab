#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| codex_patcher::fuzz::patch_file(data));
