//! tree-sitter queries: shorthands and S-expressions. Pure.
pub mod locator;
pub(crate) mod shorthand;
