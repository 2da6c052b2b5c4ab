//! ast-grep queries: patterns and rule objects. Pure.
pub mod cache;
pub mod matcher;
pub mod pattern;
