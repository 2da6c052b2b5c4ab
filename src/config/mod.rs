//! From patch files to a checked patch set.
pub mod applicator;
pub mod loader;
pub mod lock;
pub mod mistake;
pub mod patch;
pub mod report;
pub mod rewrite;
pub mod schema;
pub mod select;
pub mod toml_text;
pub mod version;
pub use patch::*;
