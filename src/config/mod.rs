//! Reading and writing of patch files and lock files: from TOML to a checked patch set and back. Pure, but for
//! [`loader`], which is a room of its own.
pub mod applicator;
pub mod loader;
pub(crate) mod lock;
pub mod mistake;
pub mod report;
pub(crate) mod rewrite;
pub mod schema;
pub(crate) mod toml_text;
