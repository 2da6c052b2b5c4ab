//! codex-patcher keeps a small set of local changes alive on top of a fast-moving upstream.
//!
//! A patch says what it changes (this function, this key, this text). The library finds that place in today's tree,
//! edits exactly those bytes, proves that the result still parses and that a second run would change nothing, and
//! writes each file once: all of them or none.
//!
//! ```text
//! load ─▶ select ─▶ read ─▶ locate ─▶ settle ─▶ step ─▶ judge ─▶ prove ─▶ commit ─▶ report
//! ```
//!
//! [`run::apply_patches`] conducts that walk. Everything from *locate* to *prove* is pure; the rooms that
//! touch the disk or start a process are [`config::loader`], [`workspace`], [`files`], [`git`] and [`commit`].
//! `ARCHITECTURE.md` draws the map.

pub mod at_work;
pub mod cache;
pub mod commit;
pub mod config;
pub mod diff;
pub mod drift;
pub mod edit;
pub mod files;
pub mod fuzz;
pub mod git;
pub(crate) mod identity;
mod json;
mod judge;
pub mod limits;
pub(crate) mod locate;
pub(crate) mod matches;
mod meter;
pub mod outcome;
pub mod patch;
pub mod plan;
pub mod pool;
pub mod propose;
mod regular;
pub(crate) mod render;
pub mod run;
pub mod rust;
pub mod sg;
pub mod source;
pub(crate) mod text;
mod toml_ops;
pub mod ts;
pub mod validate;
pub mod workspace;
