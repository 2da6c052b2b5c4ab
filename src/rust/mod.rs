//! Rust as text with a tree: what both structural locators and the validity check share. Pure.
//!
//! Nothing here knows patches. [`syntax`] parses and reparses, `surroundings` tells what belongs to a node, `kinds` is
//! the table of the kinds of items, `items` names the item that a place is in, `lexer` tells strings, comments and code
//! apart without a tree, `nesting` how deep they are nested, `twins` finds names that one scope holds twice.

pub(crate) mod items;
pub(crate) mod kinds;
pub(crate) mod lexer;
pub(crate) mod lists;
pub(crate) mod nesting;
pub(crate) mod own_words;
pub(crate) mod surroundings;
pub mod syntax;
pub(crate) mod twins;
