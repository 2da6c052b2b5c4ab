//! Rust as text with a tree: what both structural locators and the validity check share. Pure.
//!
//! Nothing here knows patches. [`syntax`] parses and reparses, [`surroundings`] tells what belongs to a node,
//! [`items`] names the item that a place is in, [`lexer`] tells strings, comments and code apart without a tree.

pub mod items;
pub mod lexer;
pub mod surroundings;
pub mod syntax;
