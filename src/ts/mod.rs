//! tree-sitter queries: shorthands and S-expressions.
pub mod locator;
pub mod shorthand;
