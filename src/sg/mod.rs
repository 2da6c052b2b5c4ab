//! ast-grep queries: patterns and rule objects. Pure.
mod alignment;
pub(crate) mod cache;
pub mod matcher;
pub(crate) mod miss;
pub mod pattern;
mod relations;
mod rule;
mod search;
mod solver;
mod stand_ins;
