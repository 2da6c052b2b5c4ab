//! TOML targets.
pub mod path;
