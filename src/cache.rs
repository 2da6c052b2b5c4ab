//! The founding name of the cache of compiled patterns; the room is [`crate::sg::cache`].

pub use crate::sg::cache::{cache_size, clear_cache, get_or_compile_pattern};
