//! The founding name of the cache of compiled patterns; the room is `sg/cache.rs`.

pub use crate::sg::cache::{cache_size, clear_cache, get_or_compile_pattern};
