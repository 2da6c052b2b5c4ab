//! From patch files to a checked patch set.
pub mod patch;
pub mod version;
pub use patch::*;
