//! All that a run reads, asks and writes: the one trait behind which disk and git stand.
//!
//! The conductor knows nothing else of the world, so that whole runs are tested in memory.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use crate::commit::CommitError;
use crate::config::loader::PatchSet;
use crate::drift::trail::History;
use crate::files::Files;
use crate::git::{Assumed, GitError};
use crate::patch::PatchFile;
use crate::workspace::TargetError;

use super::Rewritten;

/// Files of one moment.
pub struct Snapshot<'t> {
    /// Their contents.
    pub(crate) files: Box<dyn Files + 't>,
    /// The commit that has them, in full hexadecimal; `None` for the working tree.
    pub(crate) commit: Option<String>,
}

/// Where the path of a target begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// At the root of the workspace.
    Workspace,
    /// At the current directory.
    CurrentDir,
}

/// A target before and after a run. Its path is relative to the workspace.
#[derive(Debug, Clone, Copy)]
pub struct TargetChange<'a> {
    /// The target.
    pub(crate) path: &'a str,
    /// The bytes that the plan was made from.
    pub(crate) before: &'a [u8],
    /// The bytes to write.
    pub(crate) after: &'a [u8],
}

/// Why nothing was written.
#[derive(Debug)]
pub struct CommitRefused {
    /// The reason.
    pub(crate) error: CommitError,
    /// The targets that it is about; none where it is about all of them.
    pub(crate) targets: BTreeSet<String>,
    /// Whether it is about one of the files that were to be written beside the targets.
    pub(crate) is_about_locks: bool,
}

/// A workspace and its repository.
pub trait Tree: Sync {
    /// The workspace as the user named it.
    fn shown(&self) -> String;

    /// The files of the working tree, or those of a revision, which is then told which `paths` will be read.
    ///
    /// # Errors
    /// [`GitError`] where there is no such revision.
    fn open(&self, revision: Option<&str>, paths: &[String]) -> Result<Snapshot<'_>, GitError>;

    /// The files of HEAD with the bytes that a checkout would write.
    ///
    /// # Errors
    /// [`GitError`] where there is no commit.
    fn open_head(&self, paths: &[String]) -> Result<Snapshot<'_>, GitError> {
        self.open(Some("HEAD"), paths)
    }

    /// The path, relative to the workspace, of the regular file that `file` leads to in the working tree.
    ///
    /// # Errors
    /// [`TargetError`].
    fn resolve(&self, file: &str, base: Base) -> Result<String, TargetError>;

    /// The path that `file` means, relative to the workspace, whether anything is there or not.
    ///
    /// # Errors
    /// [`TargetError::Outside`] and [`TargetError::Reserved`].
    fn spelled(&self, file: &str, base: Base) -> Result<String, TargetError>;

    /// How a patch whose paths begin at `base` writes the path of the target `path` of the workspace.
    fn named(&self, path: &str, base: Base) -> String;

    /// The commit that HEAD is, in full hexadecimal; `None` outside of a repository.
    ///
    /// # Errors
    /// [`GitError`] where there may be a repository, and git cannot say; one is that it tracks nothing of the tree.
    fn head(&self) -> Result<Option<String>, GitError>;

    /// The history that ends at `commit`.
    fn history(&self, commit: &str) -> Box<dyn History + '_>;

    /// Those of `paths` that the newest commit has as they are in the working tree; `None` where git does not tell.
    fn unchanged(&self, paths: BTreeSet<String>) -> Option<BTreeSet<String>>;

    /// The paths to which git's index renamed `path` since HEAD; none where it did not, or cannot be asked.
    fn staged_renames(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }

    /// The filter with a program that git's attributes give `path`: what commits have of it is not what is in the tree.
    fn filter_of(&self, _path: &str) -> Option<String> {
        None
    }

    /// The version of the newest release tag before `commit`; none outside of a repository.
    ///
    /// # Errors
    /// [`GitError`] where git cannot say.
    fn assumed_version(&self, commit: &str) -> Result<Option<Assumed>, GitError>;

    /// Writes all of `locks` and `changes`, in this order, or none; how many targets were written.
    ///
    /// # Errors
    /// [`CommitRefused`]; nothing is changed then, unless its error says so.
    fn commit(&self, changes: &[TargetChange<'_>], locks: &[Rewritten]) -> Result<usize, CommitRefused>;

    /// The patch files beside those of `set` in their folders; one that cannot be read, or has a mistake, counts for nothing.
    fn patch_files_beside(&self, set: &PatchSet) -> Vec<PatchFile>;

    /// The patch files of `set` with those beside them; `None` where there are no others, or they cannot be read.
    fn with_patch_files_beside(&self, set: &PatchSet) -> Option<PatchSet>;

    /// The first path of which the system could not say what is there, and why: what was read or looked for may lack it.
    fn unseen(&self) -> Option<(PathBuf, io::Error)> {
        None
    }

    /// Removes what a killed run may have left beside `targets` and beside the patch files of `set`.
    fn tidy(&self, targets: &mut dyn Iterator<Item = &str>, set: &PatchSet);
}
