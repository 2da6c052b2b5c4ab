//! The conductor: a run is a pipeline of values, the same for every command.
//!
//! ```text
//! Options, PatchSet ─▶ Job ─▶ Selected ─▶ Assignments ─▶ Planned ─▶ Resolved ─▶ Concluded ─▶ Report
//!                     opened  select      targets        planned    follow,      conclude     write, revert,
//!                                                                   search                    lock, update
//! ```
//!
//! It decides nothing about places or texts (`plan/` and `drift/` do), and touches disk and git through `tree::Tree`
//! alone. Each command asks once, in its own function, whether anything may be written.

mod beside;
mod came_back;
mod concluded;
mod copies;
mod disk;
mod doubt;
mod exposed;
mod fate;
mod follow;
mod inserted;
mod job;
mod lock;
mod options;
mod others;
mod planned;
mod prospects;
mod recall;
mod report;
mod resolved;
mod revert;
mod search;
mod select;
pub mod selection;
mod targets;
pub(crate) mod tree;
mod update;
mod write;

use std::io;
use std::path::PathBuf;

use crate::commit::CommitError;
use crate::config::loader::PatchSet;
use crate::git::GitError;
use crate::outcome::Report;
use job::Job;
use tree::Tree;

pub use disk::DiskTree;
pub use lock::lock_patches;
pub use options::{DiffOutput, LockUse, Mode, OnFailure, Options};
pub use update::update_patches;

/// The new content of a patch file or a lock file.
#[derive(Debug, Clone)]
pub struct Rewritten {
    /// The path as the user knows it.
    pub shown: String,
    /// The canonical path.
    pub(crate) path: PathBuf,
    /// Its bytes as they are; `None` where there is no file.
    pub before: Option<Vec<u8>>,
    /// Its new bytes.
    pub after: Vec<u8>,
}

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// `--only` or `--skip` names an id that no patch has.
    #[error("no patch has the id `{id}`")]
    UnknownId {
        /// The id.
        id: String,
        /// The nearest that one has.
        nearest: Option<String>,
    },
    /// A lock file cannot be written, or a signal stopped the writing.
    #[error(transparent)]
    Rewrite(#[from] CommitError),
    /// git was needed, and could not help.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The system could not say what is there, and what was planned may rest on that.
    #[error("cannot read `{}`: {source}; nothing was written", .path.display())]
    Unseen {
        /// What was asked for.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Called after each target (or group of targets) is planned: how many are done, and how many there are.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Plans `set` on `tree`, and writes or reverts as the mode says.
///
/// # Errors
/// [`RunError`] before anything is touched; what happens to single patches is in the report.
pub fn apply_patches(
    tree: &dyn Tree,
    set: &PatchSet,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Report, RunError> {
    if options.mode == Mode::Revert {
        return revert::revert_patches(tree, set, options, progress);
    }
    let job = Job::new(tree, set, options)?;
    let mut done = job.conclude(progress);
    all_seen(tree)?;
    match options.mode {
        Mode::Write if !done.is_held_back(options) => {
            job.write(set, &mut done)?;
        }
        Mode::Write | Mode::Report | Mode::Revert => {}
    }
    Ok(job.report(&done))
}

/// Nothing rests on what the system could not say.
///
/// # Errors
/// [`RunError::Unseen`].
fn all_seen(tree: &dyn Tree) -> Result<(), RunError> {
    tree.unseen().map_or(Ok(()), |(path, source)| Err(RunError::Unseen { path, source }))
}

/// The sentence of an error and of those behind it.
fn with_source(error: &dyn std::error::Error) -> String {
    let behind = error.source().map(|source| format!(": {}", with_source(source)));
    format!("{error}{}", behind.unwrap_or_default())
}

#[cfg(test)]
mod tests;
