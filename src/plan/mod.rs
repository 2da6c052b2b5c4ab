//! Planning: contents and patches in, edits and a verdict per patch out. Pure.
//!
//! `sites` finds where patches act and where they already did, `settle` is the table that decides, `order` walks
//! the patches of a target in turn, `proof` shows that a second run would change nothing.

mod company;
pub mod draft;
pub mod failure;
pub mod nearest;
pub mod order;
mod proof;
pub mod settle;
pub mod sites;
pub mod standing;
mod verify;

pub use order::{Decision, Plan, Task, Verdict, plan};
