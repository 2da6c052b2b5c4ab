//! The only room that starts a process: it asks git what a revision contains, which release is near it, and where
//! code went (`git/history.rs`).
//!
//! It uses no shell, takes no lock, checks nothing out, and only reads. Paths go in and come out as bytes between
//! NULs and are taken literally. git itself answers, not a library: a second reader of repositories would have to
//! know every format and setting that git knows; only its index is read here, to know
//! what to ask about. What keeps git from starting a program that a tree names is in
//! `git/command.rs`. A run in which every patch matches exactly, on a tree with a version, starts no process.
#![expect(clippy::disallowed_types, reason = "the one room that starts git")]

mod checkout;
mod command;
mod contents;
mod errors;
pub(crate) mod history;
mod index;
mod index_file;
mod promisor;
mod repository;
mod revisions;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use checkout::CheckedOut;
pub(crate) use contents::{Blob, Listed, list, read_listed, read_many};
pub use errors::GitError;
pub(crate) use index::{Tracked, staged_renames, tracked, tracks};
pub(crate) use repository::{index_written, indexed, is_sparse};
pub use revisions::{Assumed, names};
pub(crate) use revisions::{assumed_version, head, resolve_revision};
