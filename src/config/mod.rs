//! From patch files to a checked patch set.
pub mod applicator;
pub mod loader;
pub mod mistake;
pub mod patch;
pub mod report;
pub mod schema;
pub mod select;
pub mod version;
pub use patch::*;
