//! ast-grep queries: patterns and rule objects.
pub mod matcher;
pub mod pattern;
