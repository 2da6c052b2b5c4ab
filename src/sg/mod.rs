//! ast-grep queries: patterns and rule objects. Pure.
pub(crate) mod cache;
pub mod matcher;
pub mod pattern;
