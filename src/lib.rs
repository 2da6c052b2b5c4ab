//! codex-patcher.
pub mod cache;
pub mod config;
pub mod edit;
pub mod locate;
pub mod pool;
pub mod rust;
pub mod sg;
pub mod toml_ops;
pub mod ts;
